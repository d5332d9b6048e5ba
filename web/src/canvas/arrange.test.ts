import { expect, test } from "vitest";

import type { FlowDocument } from "@/flow/document";

import { notesOf, partsOf, stacked, withNotes } from "./arrange";

const node = (id: string) => ({ id, type: "send_message", config: {} });
const edge = (from: string, to: string) => ({ from, port: "next", to });

test("a part with a start comes first, then islands, then single steps", () => {
  const document = {
    schema: 1,
    name: "F",
    nodes: ["alone", "island", "other", "start", "hello", "second"].map(node),
    edges: [edge("island", "other"), edge("start", "hello"), edge("second", "hello"), edge("hello", "gone")],
  } as FlowDocument;
  expect(partsOf(document, (id) => id === "start" || id === "second")).toEqual([["second", "start", "hello"], ["island", "other"], ["alone"]]);
});

test("a note is about the nearest card, and one far from all cards about none", () => {
  const cards = new Map([
    ["left", { x: 0, y: 0, width: 248, height: 140 }],
    ["right", { x: 340, y: 0, width: 248, height: 140 }],
  ]);
  const note = (id: string, x: number, y: number) => ({ id, x, y, width: 220, height: 120, colour: "yellow" as const, text: "" });
  const found = notesOf([note("a", 330, -130), note("b", 10, 150), note("c", 0, 900)], cards);
  expect([...found].map(([id, notes]) => [id, notes.map((each) => each.id)])).toEqual([
    ["right", ["a"]],
    ["left", ["b"]],
  ]);
});

test("notes stand above their card and make room for it", () => {
  expect(withNotes({ width: 248, height: 140 }, [{ width: 300, height: 100 }])).toEqual({ width: 300, height: 254, top: 114 });
});

test("parts don't overlap: rows below each other, small ones side by side", () => {
  const part = (id: string, width: number, row = false) => ({ size: { width, height: 100 }, places: { [id]: { x: 0, y: 0 } }, row });
  expect(stacked([part("a", 900, true), part("b", 600, true), part("c", 248), part("d", 248), part("e", 600)])).toEqual({
    a: { x: 0, y: 0 },
    b: { x: 0, y: 180 },
    c: { x: 0, y: 360 },
    d: { x: 328, y: 360 },
    e: { x: 0, y: 540 },
  });
});
