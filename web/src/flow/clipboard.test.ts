import { describe, expect, it } from "vitest";

import { clip, paste } from "./clipboard";
import type { FlowDocument } from "./document";

const FLOW: FlowDocument = {
  schema: 1,
  name: "A",
  nodes: [
    { id: "ask", type: "send_message", config: { text: "Hi {{name}}", buttons: [{ id: "yes", title: "Yes" }] } },
    { id: "wait", type: "wait", config: {} },
    { id: "end", type: "send_message", config: {} },
  ],
  edges: [
    { from: "ask", port: "yes", to: "wait" },
    { from: "wait", port: "next", to: "end" },
  ],
  variables: [{ name: "name" }, { name: "other" }],
  layout: { ask: { x: 100, y: 100 }, wait: { x: 400, y: 200 } },
};
const random = (() => {
  let number = 0;
  return () => (number += 0.001);
})();

describe("copying and pasting", () => {
  const copied = clip(FLOW, new Set(["ask", "wait"]));

  it("takes the edges among the copied, and the variables that they name", () => {
    expect(copied.edges).toEqual([FLOW.edges[0]]);
    expect(copied.variables).toEqual([{ name: "name" }]);
  });

  it("gives new ids and keeps the ways out", () => {
    const { document, ids } = paste(FLOW, copied, { x: 0, y: 0 }, random);
    expect(new Set(document.nodes.map((node) => node.id)).size).toBe(5);
    expect(document.edges).toHaveLength(3);
    expect(document.edges[2]).toEqual({ from: ids[0], port: "yes", to: ids[1] });
    expect(document.layout?.[ids[1] ?? ""]).toEqual({ x: 300, y: 100 });
    expect(document.variables).toEqual(FLOW.variables);
  });

  it("brings its variables into another flow", () => {
    const other: FlowDocument = { schema: 1, name: "B", nodes: [], edges: [] };
    expect(paste(other, copied, { x: 0, y: 0 }, random).document.variables).toEqual([{ name: "name" }]);
  });
});
