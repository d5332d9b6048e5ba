import { CloseButton, Paper, SegmentedControl, Select, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { ask, type Model } from "@/api/client";
import { flowPath } from "@/api/flow";
import { useViewStore } from "@/canvas/view";
import { type EdgePaint, type NodePaint, type Paint, useFlowStore } from "@/flow/store";

import styles from "./Overlay.module.css";
import { useVersions } from "./versions";

type Counts = Model<"NodeCounts">;

const HOUR_MS = 3_600_000;
const RANGES = [
  { value: "24", label: "24 hours" },
  { value: "168", label: "7 days" },
  { value: "720", label: "30 days" },
  { value: "", label: "All" },
];
const AGAIN_MS = 15_000;

/** What happens live, over the canvas: how many reached each step, wait there now, and left by which way. */
export default function Overlay() {
  const flow = useFlowStore();
  const view = useViewStore();
  const { id } = flow.getState();
  const [hours, setHours] = useState("168");
  const [version, setVersion] = useState<string | null>(null);
  const versions = useVersions(id);
  const counts = useQuery({
    queryKey: ["counts", id, hours, version],
    queryFn: async () => {
      const query = new URLSearchParams({
        ...(hours && { since: new Date(Date.now() - Number(hours) * HOUR_MS).toISOString() }),
        ...(version && { version }),
      });
      return (await ask<{ data: Counts[] }>("GET", `${flowPath(id)}/counts?${query}`)).data.data;
    },
    refetchInterval: AGAIN_MS,
  });
  useEffect(() => {
    if (counts.data) flow.getState().set({ paint: countsPaint(counts.data) });
  }, [counts.data, flow]);
  useEffect(() => () => flow.getState().set({ paint: null }), [flow]);
  return (
    <Paper className={styles.bar} withBorder shadow="sm" radius="lg" role="region" aria-label="What happens live">
      <Text size="sm" fw={600}>
        Live
      </Text>
      <SegmentedControl size="xs" data={RANGES} value={hours} onChange={setHours} aria-label="Time range" />
      <Select
        size="xs"
        w={130}
        className={styles.version}
        aria-label="Version"
        placeholder="All versions"
        clearable
        data={(versions.data ?? []).map((each) => ({ value: String(each.number), label: `Version ${each.number}` }))}
        value={version}
        onChange={setVersion}
      />
      <CloseButton aria-label="Close what happens live" onClick={() => view.getState().set({ overlay: false })} />
    </Paper>
  );
}

/** Counts as they are painted: each way out with its share of those who left. */
export function countsPaint(counts: readonly Counts[]): Paint {
  const nodes = new Map<string, NodePaint>();
  const edges = new Map<string, EdgePaint>();
  for (const { node, reached, waiting, left } of counts) {
    const gone = Object.values(left).reduce((sum, each) => sum + each, 0);
    nodes.set(node, { tone: "live", reached, waiting, left: gone });
    for (const [port, count] of Object.entries(left)) edges.set(`${node}/${port}`, { tone: "live", count, share: gone ? count / gone : 0 });
  }
  return { nodes, edges };
}
