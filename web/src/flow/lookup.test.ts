import { expect, it } from "vitest";

import type { FlowDocument } from "./document";
import { insert } from "./edit";
import { lookup, places } from "./lookup";

const flow = (nodes: string[], edges: [string, string][]): FlowDocument => ({
  schema: 1,
  name: "A",
  nodes: nodes.map((id) => ({ id, type: "x" })),
  edges: edges.map(([from, to]) => ({ from, port: "next", to })),
});

it("gives a place to every step, later ones further right, and ends where the flow loops", () => {
  const document = flow(["a", "b", "c"], [["a", "b"], ["b", "c"], ["c", "a"]]);
  const at = places(document, lookup(document));
  expect(at.a!.x).toBeLessThan(at.b!.x);
  expect(at.b!.x).toBeLessThan(at.c!.x);
});

it("keeps the places that are known", () => {
  const document = { ...flow(["a", "b"], [["a", "b"]]), layout: { a: { x: 7, y: 9 } } };
  expect(places(document, lookup(document)).a).toEqual({ x: 7, y: 9 });
});

it("puts a step into an edge", () => {
  const document = insert(flow(["a", "b", "c"], [["a", "b"]]), "a/next", "c", "out");
  expect(document.edges).toEqual([
    { from: "a", port: "next", to: "c" },
    { from: "c", port: "out", to: "b" },
  ]);
});
