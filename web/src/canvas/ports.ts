import type { PortShown } from "@/api/flow";
import type { FlowEdge } from "@/flow/document";
import type { FlowState } from "@/flow/store";

const NONE: readonly PortShown[] = [];

/** The ways out that the server knows for a node: of its config as it was checked last, else of a new node. */
export function knownPorts(state: FlowState, id: string): readonly PortShown[] {
  const type = state.types.get(state.lookup.node.get(id)?.type ?? "");
  return state.checked.ports[id] ?? (type?.starter_ports as PortShown[] | undefined) ?? NONE;
}

/** These and the ways out that edges use although nobody knows them: nothing drawn may vanish. */
export function withUsed(known: readonly PortShown[], out: readonly FlowEdge[]): readonly PortShown[] {
  const lost = out.filter((edge) => !known.some((port) => port.id === edge.port));
  return lost.length ? [...known, ...lost.map(({ port }) => ({ id: port, label: port, kind: "next" }))] : known;
}

/** The first way out that leads nowhere yet. */
export function freePort(state: FlowState, id: string): PortShown | undefined {
  const used = new Set(state.lookup.out.get(id)?.map((edge) => edge.port));
  return knownPorts(state, id).find((port) => !used.has(port.id) && port.kind !== "error");
}
