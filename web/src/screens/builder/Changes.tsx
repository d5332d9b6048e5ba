import { Text } from "@mantine/core";

import { type FlowDocument, type FlowEdge, type FlowNode, isObject, same, type Translation } from "@/flow/document";
import type { Change } from "@/flow/operation";
import { useFlowStore } from "@/flow/store";
import { languageName } from "@/flow/translation";

import styles from "./Changes.module.css";

interface Props {
  changes: readonly Change[];
  before?: FlowDocument;
  after: FlowDocument;
}

const SIGNS = { added: "+", removed: "−", changed: "~" } as const;

/** What differs between two documents, in words. */
export function Changes({ changes, before, after }: Props) {
  const { types } = useFlowStore().getState();
  if (!changes.length)
    return (
      <Text size="sm" c="dimmed">
        Nothing but where steps stand.
      </Text>
    );
  const name = (id: string) => {
    const node = after.nodes.find((each) => each.id === id) ?? before?.nodes.find((each) => each.id === id);
    return node ? node.label || types.get(node.type)?.label || node.type : id;
  };
  const words = ({ kind, id, from, to }: Change): { title: string; detail?: string } => {
    switch (kind) {
      case "node":
        return { title: name(id), detail: from && to ? nodeDetail(from as FlowNode, to as FlowNode) : undefined };
      case "edge": {
        const edge = (to ?? from) as FlowEdge;
        const way = `${name(edge.from)}, ${edge.port}`;
        return { title: way, detail: to ? `leads to ${name((to as FlowEdge).to)}` : `no longer leads to ${name(edge.to)}` };
      }
      case "language":
        return { title: `${languageName(id)} as a language` };
      case "translation": {
        const [tag = "", place = ""] = id.split(/ (.*)/s);
        const [, list, node = ""] = place.split("/");
        const text = (value: unknown) => (value as Translation | undefined)?.text ?? "";
        return { title: `${list === "nodes" ? name(node) : "The flow"} in ${languageName(tag)}`, detail: from && to ? `“${text(from)}” → “${text(to)}”` : text(to ?? from) };
      }
      case "variable":
        return { title: `Variable ${id}` };
      default:
        if (id === "language") return { title: "Language of the flow", detail: typeof to === "string" ? languageName(to) : undefined };
        return { title: id === "name" ? "Name of the flow" : "Settings of the flow", detail: id === "name" ? `${String(from)} → ${String(to)}` : undefined };
    }
  };
  const order = { node: 0, edge: 1, variable: 2, head: 3, language: 4, translation: 5, note: 6, place: 7 };
  return (
    <ul className={styles.list} aria-label="Changes">
      {[...changes]
        .sort((a, b) => order[a.kind] - order[b.kind])
        .map((change) => {
          const sort = change.from === undefined ? "added" : change.to === undefined ? "removed" : "changed";
          const { title, detail } = words(change);
          return (
            <li key={`${change.kind} ${change.id}`} data-sort={sort}>
              <span aria-label={sort}>{SIGNS[sort]}</span>
              <span>
                {title}
                {detail && <small>{detail}</small>}
              </span>
            </li>
          );
        })}
    </ul>
  );
}

/** Which settings of a step differ; for texts, how. */
function nodeDetail(from: FlowNode, to: FlowNode): string {
  const [old, now] = [from.config ?? {}, to.config ?? {}];
  const keys = [...new Set([...Object.keys(old), ...Object.keys(now)])].filter((key) => !same(old[key], now[key]));
  const parts = keys.map((key) => {
    const [a, b] = [old[key], now[key]];
    const plain = (value: unknown) => value === undefined || (!isObject(value) && !Array.isArray(value));
    return plain(a) && plain(b) ? `${key}: “${String(a ?? "")}” → “${String(b ?? "")}”` : key.replaceAll("_", " ");
  });
  if (from.label !== to.label) parts.unshift(`name: “${from.label ?? ""}” → “${to.label ?? ""}”`);
  return parts.join("; ");
}
