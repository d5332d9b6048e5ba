// The step that a step's config names, for its card: where a jump goes.
import type { FlowState } from "@/flow/store";

/** What people call the step that the config of a step names by a field with the control `node`; "" where there is none. */
export function stepNamed(state: FlowState, id: string): string {
  const node = state.lookup.node.get(id);
  const fields = state.types.get(node?.type ?? "")?.config_schema.properties ?? {};
  const key = Object.keys(fields).find((each) => fields[each]?.ui === "node");
  const target = key ? state.lookup.node.get(String(node?.config?.[key] ?? "")) : undefined;
  return target ? target.label || state.types.get(target.type)?.label || target.id : "";
}
