import { describe, expect, it } from "vitest";

import type { FlowDocument } from "./document";
import { addNode, connect, remove, setConfig } from "./edit";
import { apply, difference, inverse, merge } from "./operation";

const FLOW: FlowDocument = {
  schema: 1,
  name: "A",
  nodes: [
    { id: "start", type: "trigger" },
    { id: "greet", type: "send_message", config: { text: "Hi" } },
    { id: "bye", type: "send_message", config: { text: "Bye" } },
  ],
  edges: [
    { from: "start", port: "next", to: "greet" },
    { from: "greet", port: "next", to: "bye" },
  ],
  layout: { start: { x: 0, y: 0 }, greet: { x: 300, y: 0 } },
};

describe("an operation", () => {
  const after = connect(addNode(remove(FLOW, new Set(["greet"])), { id: "wait", type: "wait" }, { x: 5, y: 5 }), { from: "start", port: "next", to: "wait" });

  it("leads from one document to the other, and back", () => {
    const step = difference(FLOW, after);
    expect(apply(FLOW, step)).toEqual(after);
    expect(apply(after, inverse(step))).toEqual(FLOW);
  });

  it("leaves what it doesn't name as the very same values", () => {
    const changed = apply(FLOW, difference(FLOW, setConfig(FLOW, "bye", { text: "Ciao" })));
    expect(changed.nodes[1]).toBe(FLOW.nodes[1]);
    expect(changed.edges).toBe(FLOW.edges);
  });

  it("is empty where only the order of keys differs", () => {
    expect(difference(FLOW, { ...FLOW, nodes: FLOW.nodes.map(({ id, ...rest }) => ({ ...rest, id })) })).toEqual([]);
  });
});

describe("two people's changes", () => {
  it("are put together where they don't touch", () => {
    const mine = setConfig(FLOW, "greet", { text: "Hello" });
    const theirs = { ...setConfig(FLOW, "bye", { text: "Ciao" }), name: "B" };
    const { document, clashes } = merge(FLOW, mine, theirs);
    expect(clashes).toEqual([]);
    expect(document.name).toBe("B");
    expect(document.nodes.map((node) => node.config?.text)).toEqual([undefined, "Hello", "Ciao"]);
  });

  it("are told where both changed one step, and mine stands", () => {
    const { document, clashes } = merge(FLOW, setConfig(FLOW, "greet", { text: "Mine" }), setConfig(FLOW, "greet", { text: "Theirs" }));
    expect(clashes.map((clash) => clash.id)).toEqual(["greet"]);
    expect(document.nodes[1]?.config).toEqual({ text: "Mine" });
  });

  it("leave no edge to a step that the other deleted", () => {
    const mine = connect(FLOW, { from: "start", port: "next", to: "bye" });
    const { document } = merge(FLOW, mine, remove(FLOW, new Set(["bye"])));
    expect(document.edges).toEqual([]);
  });

  it("don't clash over where a step stands", () => {
    const at = (x: number) => ({ ...FLOW, layout: { ...FLOW.layout, greet: { x, y: 0 } } });
    expect(merge(FLOW, at(1), at(2)).clashes).toEqual([]);
  });
});
