import { describe, expect, it } from "vitest";

import { readClip } from "./foreign";

const read = (clip: object) => readClip(JSON.stringify({ kind: "postdog/steps", ...clip }));
const WAIT = { id: "a", type: "wait" };

describe("reading a clipboard", () => {
  it.each(["", "hello", "{", '{"kind":"postdog/steps"', "[1]", '"postdog/steps"', `{"a":"${"x".repeat(10)}"}`])("takes no garbage: %s", (text) => {
    expect(readClip(text)).toBeNull();
  });

  it("leaves out what is broken", () => {
    expect(read({ nodes: [{ id: 1 }, null, WAIT, { id: "b c", type: "wait" }, { id: "d", type: "<b>" }], edges: "no" })).toMatchObject({ nodes: [WAIT], edges: [] });
  });

  it("takes of a step only what a flow can keep", () => {
    const odd = { ...WAIT, label: { a: 1 }, config: [1], future: 1 };
    expect(read({ nodes: [odd] })?.nodes).toEqual([WAIT]);
    expect(read({ nodes: [{ ...WAIT, label: "x".repeat(201) }] })?.nodes).toEqual([WAIT]);
    expect(read({ nodes: [{ ...WAIT, label: "Later", config: { for: 7 } }] })?.nodes).toEqual([{ ...WAIT, label: "Later", config: { for: 7 } }]);
  });

  it("takes each name once", () => {
    const edge = { from: "a", port: "next", to: "b" };
    const clip = read({ nodes: [WAIT, WAIT, { ...WAIT, id: "b" }], edges: [edge, edge, { ...edge, port: "no port" }], variables: [{ name: "x", type: 7 }, { name: "x" }, { name: "a b" }] });
    expect(clip).toMatchObject({ nodes: [{ id: "a" }, { id: "b" }], edges: [edge] });
    expect(clip?.variables).toEqual([{ name: "x" }]);
  });

  it("gives every step a place that can be drawn", () => {
    const layout = { a: { x: 1e300, y: 0 }, b: { x: 40, y: 8, z: 1 }, c: { x: "1" } };
    const places = read({ nodes: ["a", "b", "c"].map((id) => ({ ...WAIT, id })), layout })?.layout ?? {};
    expect(places.b).toEqual({ x: 40, y: 8 });
    expect(Object.keys(places).sort()).toEqual(["a", "b", "c"]);
    expect(Object.values(places).every(({ x, y }) => Math.abs(x) < 10_000 && Math.abs(y) < 10_000)).toBe(true);
  });

  it("gives a note what it lacks", () => {
    expect(read({ notes: [{ id: "n", x: 1, y: 2, text: "Mind", width: "wide" }] })?.notes).toEqual([{ id: "n", x: 1, y: 2, text: "Mind", width: 220, height: 120, colour: "yellow" }]);
  });

  it("leaves out translations that say nothing", () => {
    const said = { text: "Hallo", source: "Hello" };
    expect(read({ translations: { de: { "/nodes/a/config/text": said, "/x": { text: 7 } }, fr: 7 } })?.translations).toEqual({ de: { "/nodes/a/config/text": said } });
  });
});
