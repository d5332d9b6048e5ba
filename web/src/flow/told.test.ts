import { describe, expect, it } from "vitest";

import type { Schema } from "@/form/schema";

import { told } from "./told";

const FORM: Schema = {
  properties: {
    text: { type: "string", title: "Message" },
    wait: { ui: "duration", type: "string" },
    kind: { enum: ["a", "b"], labels: { a: "The first", b: "The second" } },
    buttons: { type: "array", items: { $ref: "#/$defs/Button" } },
  },
  $defs: { Button: { properties: { id: { type: "string" }, title: { type: "string" } } } },
};
const differ = (from: object, to: object) => told(from as never, to as never, FORM, FORM);

describe("what differs between two settings", () => {
  it("is said by the form's labels", () => {
    expect(differ({ text: "Tea?", wait: "PT1H", kind: "a" }, { text: "Coffee?", wait: "PT2H", kind: "b" })).toEqual([
      "Message: “Tea?” → “Coffee?”",
      "Wait: 1 hour → 2 hours",
      "Kind: The first → The second",
    ]);
  });

  it("names the item of a list, whatever its place", () => {
    const buttons = [{ id: "y", title: "Yes" }, { id: "n", title: "No" }];
    expect(differ({ buttons }, { buttons: [{ id: "n", title: "No" }, { id: "y", title: "Sure" }] })).toEqual(["Buttons, Sure, Title: “Yes” → “Sure”"]);
    expect(differ({ buttons }, { buttons: [buttons[1], { id: "m", title: "Maybe" }] })).toEqual(["Buttons: − “Yes”", "Buttons: + “Maybe”"]);
    expect(differ({ buttons }, { buttons: [buttons[1], buttons[0]] })).toEqual(["Buttons: in another order"]);
  });

  it("says of what it doesn't know what it can", () => {
    expect(differ({}, { future_thing: true })).toEqual(["Future thing: nothing → yes"]);
    expect(differ({ text: { a: 1 } }, { text: "x".repeat(200) })[0]).toMatch(/^Message: \{"a":1\} → “x{79}…”$/);
  });
});
