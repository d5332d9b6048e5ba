import { describe, expect, it } from "vitest";

import { clip, paste } from "./clipboard";
import type { FlowDocument } from "./document";
import { remove } from "./edit";
import { readClip } from "./foreign";
import { apply, difference, inverse, merge } from "./operation";
import { addLanguage, languageName, progress, removeLanguage, spokenConfig, stateOf, type Text, translate } from "./translation";

const HI: Text = { place: "/nodes/hi/config/text", pointer: "/nodes/1/config/text", text: "Hi", words: true };
const YES: Text = { place: "/nodes/hi/config/buttons/y/title", pointer: "/nodes/1/config/buttons/1/title", text: "Yes", words: true };
const FLOW: FlowDocument = {
  schema: 1,
  name: "A",
  language: "en",
  nodes: [
    { id: "start", type: "trigger" },
    { id: "hi", type: "send_message", config: { text: "Hi", buttons: [{ id: "n", title: "No" }, { id: "y", title: "Yes" }] } },
  ],
  edges: [],
  layout: {},
  translations: { de: { [HI.place]: { text: "Hallo", source: "Hi" }, [YES.place]: { text: "Ja", source: "Yes" } }, bn: {} },
};

describe("a translation", () => {
  it("is missing, stale, right, or not needed", () => {
    expect(stateOf(HI, undefined)).toBe("missing");
    expect(stateOf({ ...HI, words: false }, undefined)).toBe("none");
    expect(stateOf(HI, { text: "Hallo", source: "Hello" })).toBe("stale");
    expect(stateOf(HI, { text: "Hallo", source: "Hi" })).toBe("translated");
    expect(progress([HI, YES, { ...HI, place: "x", words: false }], { [HI.place]: { text: "Hallo", source: "Hello" } })).toEqual({ all: 2, missing: 1, stale: 1, done: 0 });
  });

  it("is taken away by an empty text, and the language stays", () => {
    const next = translate(translate(FLOW, "de", HI.place, " ", "Hi"), "de", YES.place, "", "Yes");
    expect(next.translations).toEqual({ de: {}, bn: {} });
  });

  it("stands in the config of its node, wherever the item is", () => {
    expect(spokenConfig(FLOW.nodes[1]!, [HI, YES], FLOW.translations?.de)).toEqual({ text: "Hallo", buttons: [{ id: "n", title: "No" }, { id: "y", title: "Ja" }] });
  });
});

describe("operations on languages", () => {
  it("lead there and back, for texts and for whole languages", () => {
    for (const after of [translate(FLOW, "de", HI.place, "Moin", "Hi"), translate(FLOW, "bn", HI.place, "হাই", "Hi"), removeLanguage(FLOW, "de"), addLanguage(FLOW, "fr"), { ...FLOW, language: "nl" }]) {
      const step = difference(FLOW, after);
      expect(apply(FLOW, step)).toEqual(after);
      expect(apply(after, inverse(step))).toEqual(FLOW);
    }
  });

  it("of two people are put together text by text", () => {
    const mine = translate(FLOW, "de", HI.place, "Moin", "Hi");
    const theirs = translate(addLanguage(FLOW, "fr"), "de", YES.place, "Jo", "Yes");
    const { document, clashes } = merge(FLOW, mine, theirs);
    expect(clashes).toEqual([]);
    expect(document.translations).toEqual({ de: { [HI.place]: { text: "Moin", source: "Hi" }, [YES.place]: { text: "Jo", source: "Yes" } }, bn: {}, fr: {} });
  });

  it("clash where both translate one text, and give nothing to a language that the other removed", () => {
    const mine = translate(FLOW, "de", HI.place, "Moin", "Hi");
    expect(merge(FLOW, mine, translate(FLOW, "de", HI.place, "Servus", "Hi")).clashes.map((each) => each.kind)).toEqual(["translation"]);
    expect(merge(FLOW, mine, removeLanguage(FLOW, "de")).document.translations).toEqual({ bn: {} });
  });
});

describe("translations go with their steps", () => {
  it("when a step is deleted, and come back by undo", () => {
    const gone = remove(FLOW, new Set(["hi"]));
    expect(gone.translations).toEqual({ de: {}, bn: {} });
    expect(apply(gone, inverse(difference(FLOW, gone)))).toEqual(FLOW);
  });

  it("when a step is copied, into the languages that the other flow has", () => {
    const found = readClip(JSON.stringify(clip(FLOW, new Set(["hi"]))));
    const { document, ids } = paste({ ...FLOW, nodes: [], translations: { de: {}, fr: {} } }, found!, { x: 0, y: 0 }, () => 0.5);
    expect(document.translations).toEqual({ de: { [`/nodes/${ids[0]}/config/text`]: { text: "Hallo", source: "Hi" }, [`/nodes/${ids[0]}/config/buttons/y/title`]: { text: "Ja", source: "Yes" } }, fr: {} });
    const plain = paste({ schema: 1, name: "B", nodes: [], edges: [] }, found!, { x: 0, y: 0 });
    expect(plain.document.translations).toBeUndefined();
  });

  it("but nothing broken comes with them", () => {
    const text = JSON.stringify({ ...clip(FLOW, new Set(["hi"])), translations: { de: { a: 1, b: { text: 2 } }, fr: null } });
    expect(readClip(text)?.translations).toEqual({ de: {} });
  });
});

describe("a language's name", () => {
  it("is the tag itself where nobody knows it", () => {
    expect([languageName("de"), languageName("pt-BR"), languageName("not a tag")]).toEqual(["German", "Brazilian Portuguese", "not a tag"]);
  });
});
