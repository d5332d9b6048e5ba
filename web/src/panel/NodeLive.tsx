import { Anchor, Loader, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { Link } from "wouter";

import { ask, type Model } from "@/api/client";
import { knownPorts } from "@/canvas/ports";
import { type FlowState, useFlow, useFlowStore } from "@/flow/store";
import { when } from "@/shared/time";

import styles from "./NodeLive.module.css";

const Results = lazy(() => import("./Results"));

type Run = Model<"RunShown">;
type Step = Model<"StepShown">;

const MOST = 50;

/** Who stands at a step now, and each one's way there. */
export function NodeLive({ id }: { id: string }) {
  const { id: flow } = useFlowStore().getState();
  const paint = useFlow((state) => state.paint?.nodes.get(id));
  const [open, setOpen] = useState<string | null>(null);
  const { data, isPending } = useQuery({
    queryKey: ["runs-at", flow, id],
    queryFn: async () => (await ask<{ data: Run[] }>("GET", `/v1/runs?${new URLSearchParams({ flow_id: flow, node: id, live: "true", limit: String(MOST) })}`)).data.data,
  });
  return (
    <section className={styles.live} aria-label="Live at this step">
      <Text size="sm">
        <b>{paint?.reached ?? 0}</b> reached · <b>{paint?.waiting ?? 0}</b> waiting now · <b>{paint?.left ?? 0}</b> left
      </Text>
      <Suspense>
        <Results id={id} />
      </Suspense>
      {isPending && <Loader size="xs" mt="xs" />}
      {data?.length === 0 && (
        <Text size="sm" c="dimmed" mt={10}>
          Nobody stands here now.
        </Text>
      )}
      <Stack gap={4} mt={8} component="ul" className={styles.list}>
        {data?.map((run) => (
          <li key={run.id}>
            <button type="button" className={styles.run} aria-expanded={open === run.id} onClick={() => setOpen(open === run.id ? null : run.id)}>
              <span>{run.contact_name || "Visitor"}</span>
              <small>{run.wait?.until ? `until ${when(run.wait.until)}` : `since ${when(run.started_at)}`}</small>
            </button>
            {open === run.id && <Journey run={run} />}
          </li>
        ))}
      </Stack>
    </section>
  );
}

/** What a step is called on the canvas; nothing for one that isn't there any more, or in a flow that this one ran. */
function nameOf({ lookup, types }: FlowState, id: string): string | undefined {
  const node = lookup.node.get(id);
  return node && (node.label || types.get(node.type)?.label);
}

function Journey({ run }: { run: Run }) {
  const state = useFlowStore().getState();
  const { data } = useQuery({ queryKey: ["steps", run.id], queryFn: async () => (await ask<{ data: Step[] }>("GET", `/v1/runs/${run.id}/steps`)).data.data });
  return (
    <div className={styles.journey}>
      <ol>
        {data?.flatMap((step) =>
          step.path.map((passed, index) => (
            <li key={`${step.number}.${index}`}>
              {nameOf(state, passed.node) ?? passed.label}
              {passed.port ? ` → ${knownPorts(state, passed.node).find((port) => port.id === passed.port)?.label ?? passed.port}` : ""} <small>{when(step.at)}</small>
            </li>
          )),
        )}
      </ol>
      <Anchor size="sm" component={Link} to={`/contacts/${run.contact_id}`}>
        Open the contact
      </Anchor>
    </div>
  );
}
