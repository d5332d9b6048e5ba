import { Anchor, Loader, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { Link } from "wouter";

import { ask, type Model } from "@/api/client";
import { useFlow, useFlowStore } from "@/flow/store";
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
        <Text size="sm" c="dimmed" mt={4}>
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

function Journey({ run }: { run: Run }) {
  const { data } = useQuery({ queryKey: ["steps", run.id], queryFn: async () => (await ask<{ data: Step[] }>("GET", `/v1/runs/${run.id}/steps`)).data.data });
  return (
    <div className={styles.journey}>
      <ol>
        {data?.flatMap((step) =>
          step.path.map((passed, index) => (
            <li key={`${step.number}.${index}`}>
              {passed.label}
              {passed.port ? ` → ${passed.port}` : ""} <small>{when(step.at)}</small>
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
