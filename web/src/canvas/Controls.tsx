import { ActionIcon, Paper, Tooltip } from "@mantine/core";
import { IconFocusCentered, IconMinus, IconPlus } from "@tabler/icons-react";
import { Panel, useReactFlow, useViewport } from "@xyflow/react";

const MS = 180;

/** Zoom, at the lower left. */
export function Controls() {
  const { zoomIn, zoomOut, fitView } = useReactFlow();
  const { zoom } = useViewport();
  return (
    <Panel position="bottom-left" style={{ margin: 12 }}>
      <Paper withBorder radius="md" shadow="xs" p={3} style={{ display: "flex", alignItems: "center", gap: 2 }}>
        <Tooltip label="Zoom out">
          <ActionIcon aria-label="Zoom out" onClick={() => void zoomOut({ duration: MS })}>
            <IconMinus size={16} />
          </ActionIcon>
        </Tooltip>
        <span style={{ width: 42, textAlign: "center", fontSize: 12, fontVariantNumeric: "tabular-nums" }}>{Math.round(zoom * 100)}%</span>
        <Tooltip label="Zoom in">
          <ActionIcon aria-label="Zoom in" onClick={() => void zoomIn({ duration: MS })}>
            <IconPlus size={16} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label="Show the whole flow (1)">
          <ActionIcon aria-label="Show the whole flow" onClick={() => void fitView({ duration: MS, padding: 0.12, maxZoom: 1 })}>
            <IconFocusCentered size={17} />
          </ActionIcon>
        </Tooltip>
      </Paper>
    </Panel>
  );
}
