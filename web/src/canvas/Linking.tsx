import { Button, Paper, Text } from "@mantine/core";
import { Panel } from "@xyflow/react";

import { useFlow } from "@/flow/store";

import { knownPorts } from "./ports";
import { useView, useViewStore } from "./view";

/** What to do after a tap on a way out. */
export function Linking() {
  const linking = useView((state) => state.linking);
  const view = useViewStore();
  const label = useFlow((state) => (linking ? (knownPorts(state, linking.node).find((port) => port.id === linking.port)?.label ?? linking.port) : ""));
  if (!linking) return null;
  return (
    <Panel position="top-center" style={{ margin: 12, maxWidth: "calc(100% - 24px)" }}>
      <Paper withBorder radius="md" shadow="sm" px={12} py={6} role="status" style={{ display: "flex", alignItems: "center", gap: 10 }}>
        <Text size="sm">
          Where does <b>{label}</b> lead? Choose a step, or the empty canvas for a new one.
        </Text>
        <Button size="compact-sm" variant="default" style={{ flex: "none" }} onClick={() => view.getState().set({ linking: null })}>
          Cancel
        </Button>
      </Paper>
    </Panel>
  );
}
