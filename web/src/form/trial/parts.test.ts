import { describe, expect, it } from "vitest";

import { MOST_PARTS, partsOf, variableFor } from "./parts";

describe("partsOf", () => {
  it("names each part by the path that finds it", () => {
    const parts = partsOf({ slots: [{ id: "s1", "free-until": null }], total: 3 }, "body");
    expect(parts.map((each) => [each.path, each.depth, each.words])).toEqual([
      ["body.slots", 0, "1 item"],
      ["body.slots[0]", 1, ""],
      ["body.slots[0].id", 2, "s1"],
      ['body.slots[0]."free-until"', 2, "null"],
      ["body.total", 0, "3"],
    ]);
  });
  it("ends somewhere", () => {
    expect(partsOf(Array.from({ length: 5000 }, () => [1]), "body")).toHaveLength(MOST_PARTS);
  });
});

describe("variableFor", () => {
  it("takes the last key, and more of the path where that is taken", () => {
    expect(variableFor("body.slots[0].id", [])).toBe("id");
    expect(variableFor("body.slots[0].id", ["id"])).toBe("slots_id");
    expect(variableFor("body.slots[0].id", ["id", "slots_id"])).toBe("slots_id_2");
    expect(variableFor("body[0]", [])).toBe("answer");
    expect(variableFor('headers."content-type"', [])).toBe("type");
  });
});
