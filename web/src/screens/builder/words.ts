import type { NodeType } from "@/api/flow";
import { type FlowDocument, type FlowEdge, type FlowNode, isObject, type Json, type Note, type Translation } from "@/flow/document";
import type { Change } from "@/flow/operation";
import { told } from "@/flow/told";
import { languageName } from "@/flow/translation";

const MOST = 4;

interface Words {
  title: string;
  /** How it differs, a line each. */
  details: readonly string[];
}

/** A change in words; `documents` are those in which its steps stand. */
export function inWords({ kind, id, from, to }: Change, types: ReadonlyMap<string, NodeType>, documents: readonly FlowDocument[]): Words {
  const name = (node: string): string => {
    const found = documents.flatMap((document) => document.nodes).find((each) => each.id === node);
    return found ? found.label || types.get(found.type)?.label || found.type : node;
  };
  switch (kind) {
    case "node":
      return { title: name(id), details: nodeDetails(from as FlowNode | undefined, to as FlowNode | undefined, types) };
    case "edge": {
      const edge = (to ?? from) as FlowEdge;
      return { title: `${name(edge.from)}, ${edge.port}`, details: [to ? `leads to ${name(edge.to)}` : `no longer leads to ${name(edge.to)}`] };
    }
    case "language":
      return { title: `${languageName(id)} as a language`, details: [] };
    case "translation": {
      const [tag = "", place = ""] = id.split(/ (.*)/s);
      const [, list, node = ""] = place.split("/");
      const text = (value: unknown) => (value as Translation | undefined)?.text ?? "";
      return { title: `${list === "nodes" ? name(node) : "The flow"} in ${languageName(tag)}`, details: [from && to ? `“${text(from)}” → “${text(to)}”` : text(to ?? from)] };
    }
    case "variable":
      return { title: `Variable ${id}`, details: from && to ? some(told(from as Json, to as Json, {}, {})) : [] };
    case "note":
      return { title: "Note", details: [(to as Note | undefined)?.text].filter((text) => text !== undefined) };
    default:
      if (id === "language") return { title: "Language of the flow", details: typeof to === "string" ? [languageName(to)] : [] };
      if (id === "name") return { title: "Name of the flow", details: [`${String(from)} → ${String(to)}`] };
      return { title: "Settings of the flow", details: isObject(to) ? some(told((from as Json | undefined) ?? {}, to, {}, {})) : [] };
  }
}

/** Which settings of a step differ, and how. */
function nodeDetails(from: FlowNode | undefined, to: FlowNode | undefined, types: ReadonlyMap<string, NodeType>): string[] {
  if (!from || !to) return [];
  const form = types.get(to.type)?.config_schema ?? {};
  const lines = told(from.config ?? {}, to.config ?? {}, form, form);
  return some(from.label === to.label ? lines : [`Name: “${from.label ?? ""}” → “${to.label ?? ""}”`, ...lines]);
}

const some = (lines: string[]) => (lines.length > MOST ? [...lines.slice(0, MOST - 1), `and ${lines.length - MOST + 1} more`] : lines);
