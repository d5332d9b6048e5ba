import { Box, Progress, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { ask, type Model } from "@/api/client";
import { knownPorts } from "@/canvas/ports";
import { useFlowStore } from "@/flow/store";

type Result = Model<"PortResultShown">;

const MOST = 6;

/** How the runs ended that left a step by each of its ways out: the results of an A/B test. Nothing where there is one way. */
export default function Results({ id }: { id: string }) {
  const state = useFlowStore().getState();
  const { data } = useQuery({
    queryKey: ["results", state.id, id],
    queryFn: async () => (await ask<{ data: Result[] }>("GET", `/v1/flows/${state.id}/nodes/${encodeURIComponent(id)}/results`)).data.data,
  });
  const ports = new Map(knownPorts(state, id).map((port) => [port.id, port.label]));
  if (ports.size < 2 || !data?.length) return null;
  return (
    <Stack gap={10} mt={12} role="list" aria-label="Results by way out">
      {data.map((result) => (
        <div key={result.port} role="listitem">
          <Text size="sm">
            <b>{ports.get(result.port) ?? result.port}</b> · {result.runs} {result.runs === 1 ? "run" : "runs"}
          </Text>
          {result.endings.slice(0, MOST).map((ending) => (
            <Box key={`${ending.status}/${ending.outcome}`} mt={6}>
              <Text size="xs" c="dimmed">
                {ending.outcome || ending.status} · {ending.runs} ({Math.round((100 * ending.runs) / result.runs)} %)
              </Text>
              <Progress size="sm" value={(100 * ending.runs) / result.runs} mt={3} aria-label={`${ending.outcome || ending.status}: ${ending.runs}`} />
            </Box>
          ))}
        </div>
      ))}
    </Stack>
  );
}
