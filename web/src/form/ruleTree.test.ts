import { describe, expect, it } from "vitest";

import type { Config } from "@/flow/document";

import { type Branch, readRule, shift, put, writeRule } from "./ruleTree";

const test = (subject: string): Config => ({ subject, op: "is_set" });
const [a, b, c, d] = ["a", "b", "c", "d"].map(test) as [Config, Config, Config, Config];
const moved = (rule: Config, path: number[], by: 1 | -1) => {
  const { root, path: to } = shift(readRule(rule), path, by);
  return [writeRule(root), to];
};

describe("a rule as a tree", () => {
  it.each([
    [a],
    [{ not: a }],
    [{ any: [a, b] }],
    [{ not: { any: [a, { not: b }] } }],
    [{ all: [a, { any: [b, { not: { all: [c, d] } }] }] }],
    [{ any: [{ expr: "x > 1" }, a] }],
  ])("is written as it was read: %j", (rule) => {
    expect(writeRule(readRule(rule as Config))).toEqual(rule);
  });

  it("means the same where something is turned around twice", () => {
    expect(writeRule(readRule({ not: { not: a } }))).toEqual(a);
    expect(writeRule(readRule({ all: [b, { not: { not: a } }] }))).toEqual({ all: [b, { not: { all: [{ not: a }] } }] });
  });

  it("knows where each condition stands", () => {
    const root = readRule({ all: [a, { not: { any: [b, c] } }] });
    expect((root.items[1] as Branch).items.map((each) => each.at)).toEqual(["/all/1/not/any/0", "/all/1/not/any/1"]);
  });

  it("loses a group with its last condition", () => {
    expect(writeRule(put(readRule({ all: [a, { any: [b] }] }), [1, 0], null))).toEqual(a);
    expect(writeRule(put(readRule(a), [0], null))).toBeNull();
  });

  it("moves through the ends of groups", () => {
    const rule = { all: [a, { any: [b, c] }, d] };
    expect(moved(rule, [0], 1)).toEqual([{ all: [{ any: [a, b, c] }, d] }, [0, 0]]);
    expect(moved(rule, [2], -1)).toEqual([{ all: [a, { any: [b, c, d] }] }, [1, 2]]);
    expect(moved(rule, [1, 0], -1)).toEqual([{ all: [a, b, { any: [c] }, d] }, [1]]);
    expect(moved(rule, [1, 1], 1)).toEqual([{ all: [a, { any: [b] }, c, d] }, [2]]);
    expect(moved(rule, [1, 0], 1)).toEqual([{ all: [a, { any: [c, b] }, d] }, [1, 1]]);
    expect(moved(rule, [0], -1)).toEqual([rule, [0]]);
  });

  it("takes a group along that becomes empty", () => {
    expect(moved({ all: [a, { any: [b] }, c] }, [1, 0], 1)).toEqual([{ all: [a, b, c] }, [1]]);
    expect(moved({ all: [a, { any: [b] }, c] }, [1, 0], -1)).toEqual([{ all: [a, b, c] }, [1]]);
  });
});
