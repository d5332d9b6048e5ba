import { describe, expect, it } from "vitest";

import { ruleWords, valueFor } from "./rule";
import { resolve, type Schema, starter, variants } from "./schema";

const ROOT: Schema = {
  $defs: {
    Reply: { properties: { kind: { const: "reply", description: "Wait for an answer." }, retries: { type: "integer", default: 1 } }, required: ["kind"] },
    Time: { properties: { kind: { const: "time" }, for: { type: "string", ui: "duration" } }, required: ["kind", "for"] },
    Button: { properties: { id: { type: "string", ui: "id" }, title: { type: "string" } }, required: ["id", "title"] },
  },
};
const UNION: Schema = {
  type: "object",
  allOf: ["reply", "time"].map((kind) => ({ if: { properties: { kind: { const: kind } } }, then: { $ref: `#/$defs/${kind === "reply" ? "Reply" : "Time"}` } })),
};

describe("a schema", () => {
  it("may be a value or null", () => {
    expect(resolve({ anyOf: [{ $ref: "#/$defs/Button" }, { type: "null" }], title: "B" }, ROOT)).toMatchObject({ title: "B", nullable: true, required: ["id", "title"] });
  });

  it("may come in several kinds", () => {
    expect(variants(UNION, ROOT).map((each) => [each.kind, each.label])).toEqual([["reply", "Wait for an answer"], ["time", "time"]]);
  });

  it("says what a new value begins with", () => {
    expect(starter(UNION, ROOT, () => "new")).toEqual({ kind: "reply" });
    expect(starter({ $ref: "#/$defs/Time" }, ROOT, () => "new")).toEqual({ kind: "time", for: "PT1H" });
    expect(starter({ type: "array", minItems: 1, items: { $ref: "#/$defs/Button" } }, ROOT, () => "new")).toEqual([{ id: "new", title: "" }]);
  });
});

describe("a rule", () => {
  const vip = { subject: "contact.tags", op: "has", value: "vip" };
  const rich = { subject: "budget", op: "gte", value: 5000 };

  it("reads as a sentence, with brackets around what is grouped", () => {
    expect(ruleWords({ any: [vip, { all: [rich, vip] }] })).toBe("contact.tags has “vip” or (budget is at least 5000 and contact.tags has “vip”)");
    expect(ruleWords({ not: { any: [vip, rich] } })).toBe("not (contact.tags has “vip” or budget is at least 5000)");
  });

  it.each([
    ["one_of", "gold", ["gold"]],
    ["between", 5, [5, 5]],
    ["is_set", "gold", undefined],
    ["gte", "12", 12],
    ["in_last", 3, "P7D"],
    ["is", ["a", "b"], "a"],
  ])("%s keeps of the old value what it can", (op, before, after) => {
    expect(valueFor(op, before)).toEqual(after);
  });
});
