// Lays the steps out from left to right, with elk in a worker: loaded only when it is asked for.
import ELK, { type ElkNode } from "elkjs/lib/elk-api.js";
import worker from "elkjs/lib/elk-worker.min.js?url";

import type { Point } from "@/flow/document";
import type { FlowState } from "@/flow/store";

import { knownPorts, withUsed } from "./ports";
import type { CardNode } from "./view";

const OPTIONS = {
  "elk.algorithm": "layered",
  "elk.direction": "RIGHT",
  "elk.layered.spacing.nodeNodeBetweenLayers": "96",
  "elk.spacing.nodeNode": "44",
  "elk.spacing.componentComponent": "80",
  "elk.layered.nodePlacement.strategy": "NETWORK_SIMPLEX",
  "elk.layered.considerModelOrder.strategy": "PREFER_EDGES",
};
const SIZE = { width: 248, height: 140 };

/** The flow as elk takes it: cards with their ways out in order at the right side. */
export function graphOf(state: FlowState, sizes: ReadonlyMap<string, { width: number; height: number }>): ElkNode {
  return {
    id: "flow",
    layoutOptions: OPTIONS,
    children: state.document.nodes.map(({ id }) => {
      const size = sizes.get(id) ?? SIZE;
      const ports = withUsed(knownPorts(state, id), state.lookup.out.get(id) ?? []);
      const top = size.height - ports.length * 25;
      return {
        id,
        ...size,
        layoutOptions: { "elk.portConstraints": "FIXED_POS" },
        ports: [
          { id: `${id}/>`, x: 0, y: 24, width: 1, height: 1, layoutOptions: { "elk.port.side": "WEST" } },
          ...ports.map((port, row) => ({ id: `${id}/${port.id}`, x: size.width, y: top + row * 25 + 12, width: 1, height: 1, layoutOptions: { "elk.port.side": "EAST" } })),
        ],
      };
    }),
    edges: state.document.edges
      .filter((edge) => state.lookup.node.has(edge.from) && state.lookup.node.has(edge.to))
      .map((edge) => ({ id: `${edge.from}/${edge.port}`, sources: [`${edge.from}/${edge.port}`], targets: [`${edge.to}/>`] })),
  };
}

/** Where each node should stand. */
export async function tidy(state: FlowState, nodes: readonly CardNode[]): Promise<Record<string, Point>> {
  const elk = new ELK({ workerUrl: worker });
  try {
    const sizes = new Map(nodes.map((node) => [node.id, { width: node.measured?.width ?? SIZE.width, height: node.measured?.height ?? SIZE.height }]));
    const laid = await elk.layout(graphOf(state, sizes));
    return Object.fromEntries((laid.children ?? []).map((each) => [each.id, { x: Math.round(each.x ?? 0), y: Math.round(each.y ?? 0) }]));
  } finally {
    elk.terminateWorker();
  }
}
