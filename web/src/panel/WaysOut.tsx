import { Select, Stack, Text } from "@mantine/core";

import { knownPorts, withUsed } from "@/canvas/ports";
import type { FlowEdge } from "@/flow/document";
import { disconnect } from "@/flow/edit";
import { useFlow, useFlowStore } from "@/flow/store";
import { useActions } from "@/screens/builder/context";

const NONE: readonly FlowEdge[] = [];

/** Where each way out leads, as fields: the same edges as on the canvas, for keyboard and touch. */
export function WaysOut({ id }: { id: string }) {
  const flow = useFlowStore();
  const known = useFlow((state) => knownPorts(state, id));
  const out = useFlow((state) => state.lookup.out.get(id) ?? NONE);
  const document = useFlow((state) => state.document);
  const readOnly = useFlow((state) => state.readOnly);
  const actions = useActions();
  const { types } = flow.getState();
  const ports = withUsed(known, out);
  if (!ports.length) return null;
  const steps = document.nodes
    .filter((node) => node.id !== id && !types.get(node.type)?.starts)
    .map((node) => ({ value: node.id, label: node.label || types.get(node.type)?.label || node.type }));
  const change = (port: string, to: string | null) =>
    to ? actions.connect(id, port, to) : flow.getState().edit((before) => disconnect(before, new Set([`${id}/${port}`])));
  return (
    <Stack gap={8} component="section" aria-label="Ways out">
      <Text size="sm" fw={600}>
        Ways out
      </Text>
      {ports.map((port) => (
        <Select
          key={port.id}
          size="xs"
          label={port.label}
          data={steps}
          value={out.find((edge) => edge.port === port.id)?.to ?? null}
          onChange={(to) => change(port.id, to)}
          placeholder={port.kind === "error" || port.kind === "timeout" ? "As the flow’s settings say" : "The flow ends here"}
          searchable
          clearable
          disabled={readOnly}
          nothingFoundMessage="There is no other step yet."
        />
      ))}
    </Stack>
  );
}
