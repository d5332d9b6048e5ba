import { IconPlus } from "@tabler/icons-react";
import { BaseEdge, EdgeLabelRenderer, type EdgeProps, getBezierPath, getSmoothStepPath, useReactFlow } from "@xyflow/react";
import { memo } from "react";

import { useFlow } from "@/flow/store";

import { knownPorts } from "./ports";
import { type CardEdge, useViewStore } from "./view";
import styles from "./Way.module.css";

const BACK = 30;
/** Length of an arrow's head; edges come in from the left. */
const HEAD = 10;

/** An edge in the colour of its way out; a plus on it takes the next node. Loops go around the cards. */
export const Way = memo(function Way({ id, source, sourceHandleId, sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition, selected }: EdgeProps<CardEdge>) {
  const kind = useFlow((state) => knownPorts(state, source).find((port) => port.id === sourceHandleId)?.kind ?? "next");
  const paint = useFlow((state) => state.paint?.edges.get(id));
  const faded = useFlow((state) => state.paint !== null) && !paint;
  const readOnly = useFlow((state) => state.readOnly);
  const view = useViewStore();
  const { screenToFlowPosition } = useReactFlow();
  const ends = { sourceX, sourceY, targetX: targetX - HEAD / 2, targetY, sourcePosition, targetPosition };
  const [path, x, y] = targetX < sourceX + BACK ? getSmoothStepPath({ ...ends, borderRadius: 18, offset: 26 }) : getBezierPath({ ...ends, curvature: 0.3 });
  return (
    <g className={styles.way} data-kind={kind} data-tone={paint?.tone} data-selected={selected || undefined} data-faded={faded || undefined} data-edge={id}>
      <BaseEdge path={path} interactionWidth={24} className={styles.path} />
      <path className={styles.arrow} d={`M${targetX - HEAD} ${targetY - HEAD / 2} L${targetX} ${targetY} L${targetX - HEAD} ${targetY + HEAD / 2} Z`} />
      {paint?.share !== undefined && (
        <EdgeLabelRenderer>
          <span className={styles.share} style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` }}>
            {Math.round(paint.share * 100)}%
          </span>
        </EdgeLabelRenderer>
      )}
      {selected && !readOnly && (
        <EdgeLabelRenderer>
          <button
            type="button"
            className={`${styles.plus} nodrag nopan`}
            style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` }}
            aria-label="Insert a step here"
            onClick={(event) => {
              const at = { x: event.clientX, y: event.clientY };
              view.getState().set({ picking: { for: "add", at, place: screenToFlowPosition(at), from: { node: source, port: sourceHandleId ?? "" } } });
            }}
          >
            <IconPlus size={14} />
          </button>
        </EdgeLabelRenderer>
      )}
    </g>
  );
});
