import { describe, expect, it } from "vitest";

import { amount, duration, durationWords, seconds } from "./duration";

describe("durations", () => {
  it.each([
    ["PT30S", 30, { value: 30, unit: "seconds" }, "30 seconds"],
    ["PT90M", 5400, { value: 90, unit: "minutes" }, "1 hour 30 minutes"],
    ["P1DT2H", 93600, { value: 26, unit: "hours" }, "1 day 2 hours"],
    ["P1W", 604800, { value: 7, unit: "days" }, "7 days"],
  ])("%s", (text, total, shown, words) => {
    expect(seconds(text)).toBe(total);
    expect(amount(text)).toEqual(shown);
    expect(durationWords(text)).toBe(words);
  });

  it.each(["", "P", "PT", "soon", "P1Y"])("%s is none", (text) => {
    expect(seconds(text)).toBeNull();
  });

  it("is written as the server reads it", () => {
    expect([duration(5, "minutes"), duration(2, "days"), duration(0, "hours")]).toEqual(["PT5M", "P2D", "PT1H"]);
  });
});
