import { describe, expect, it } from "vitest";

import { parts } from "./marks";

const said = (text: string) => parts(text).map((part) => [part.text, ...part.marks].join("|"));

describe("a marked text", () => {
  it.each([
    ["plain", ["plain"]],
    ["a *b* c", ["a ", "b|bold", " c"]],
    ["_it_ and ~gone~", ["it|italic", " and ", "gone|struck"]],
    ["*bold _both_*", ["bold |bold", "both|bold|italic"]],
    ["```x *y*```!", ["x *y*|typed", "!"]],
    ["2*3*4 and snake_case_name", ["2*3*4 and snake_case_name"]],
    ["* not * bold*", ["* not * bold*"]],
    ["*over\ntwo lines*", ["*over\ntwo lines*"]],
    ["<b>*x*</b>", ["<b>", "x|bold", "</b>"]],
    ["``````", ["``````"]],
    ["", []],
  ])("%j", (text, expected) => {
    expect(said(text)).toEqual(expected);
  });

  it("takes a long text of signs in no time", () => {
    const before = performance.now();
    parts("*_~".repeat(1400));
    expect(performance.now() - before).toBeLessThan(500);
  });
});
