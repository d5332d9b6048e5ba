// Rules as data (schemas/rule.py) and as sentences.
import { isObject, type Json } from "@/flow/document";

import { durationWords } from "@/flow/duration";

export type Joint = "all" | "any";

interface Operator {
  words: string;
  /** What it is tested against: nothing, one value, several, two bounds, a duration, a day. */
  takes: "nothing" | "one" | "many" | "two" | "duration" | "moment";
  group: string;
}

export const OPERATORS: Record<string, Operator> = {
  is: { words: "is", takes: "one", group: "Text" },
  is_not: { words: "is not", takes: "one", group: "Text" },
  contains: { words: "contains", takes: "one", group: "Text" },
  not_contains: { words: "doesn’t contain", takes: "one", group: "Text" },
  contains_word: { words: "contains the word", takes: "one", group: "Text" },
  starts_with: { words: "starts with", takes: "one", group: "Text" },
  ends_with: { words: "ends with", takes: "one", group: "Text" },
  one_of: { words: "is one of", takes: "many", group: "Text" },
  matches: { words: "matches the pattern", takes: "one", group: "Text" },
  is_set: { words: "is known", takes: "nothing", group: "Any" },
  is_empty: { words: "is empty", takes: "nothing", group: "Any" },
  eq: { words: "equals", takes: "one", group: "Number" },
  ne: { words: "doesn’t equal", takes: "one", group: "Number" },
  gt: { words: "is more than", takes: "one", group: "Number" },
  gte: { words: "is at least", takes: "one", group: "Number" },
  lt: { words: "is less than", takes: "one", group: "Number" },
  lte: { words: "is at most", takes: "one", group: "Number" },
  between: { words: "is between", takes: "two", group: "Number" },
  before: { words: "is before", takes: "moment", group: "Date" },
  after: { words: "is after", takes: "moment", group: "Date" },
  on: { words: "is on", takes: "moment", group: "Date" },
  in_last: { words: "was in the last", takes: "duration", group: "Date" },
  in_next: { words: "is in the next", takes: "duration", group: "Date" },
  is_true: { words: "is yes", takes: "nothing", group: "Yes or no" },
  is_false: { words: "is no", takes: "nothing", group: "Yes or no" },
  has: { words: "has", takes: "one", group: "List" },
  has_not: { words: "doesn’t have", takes: "one", group: "List" },
  has_any: { words: "has any of", takes: "many", group: "List" },
  has_all: { words: "has all of", takes: "many", group: "List" },
};

const NUMBERS = new Set(["eq", "ne", "gt", "gte", "lt", "lte", "between"]);

export const isNumeric = (op: string): boolean => NUMBERS.has(op);

/** A new operator's value out of the old one's: what can be kept is kept. */
export function valueFor(op: string, before: Json | undefined): Json | undefined {
  const first = Array.isArray(before) ? before[0] : before;
  const numeric = isNumeric(op);
  const one = numeric ? (typeof first === "number" ? first : Number(first) || 0) : first === undefined || first === null ? "" : String(first);
  switch (OPERATORS[op]?.takes) {
    case "nothing":
      return undefined;
    case "many":
      return Array.isArray(before) ? before : first === undefined || first === null || first === "" ? [] : [String(first)];
    case "two":
      return Array.isArray(before) && before.length === 2 ? before : [one, one];
    case "duration":
      return typeof first === "string" && first.startsWith("P") ? first : "P7D";
    default:
      return one;
  }
}

/** A rule as a sentence; what is grouped stands in brackets. */
export function ruleWords(rule: Json | undefined, name: (path: string) => string = (path) => path): string {
  if (!isObject(rule)) return "";
  if (typeof rule.expression === "string") return rule.expression || "…";
  if (rule.not !== undefined) return `not ${bracketed(rule.not, name, true)}`;
  const [joint, word] = Array.isArray(rule.any) ? ["any", " or "] : ["all", " and "];
  const list = rule[joint];
  if (Array.isArray(list)) return list.map((each) => bracketed(each, name, list.length > 1)).join(word);
  const op = OPERATORS[String(rule.op)];
  return `${name(String(rule.subject ?? "")) || "…"} ${op?.words ?? String(rule.op ?? "")} ${valueWords(rule.value, op?.takes)}`.trim();
}

function bracketed(rule: Json, name: (path: string) => string, inGroup: boolean): string {
  const grouped = isObject(rule) && [rule.all, rule.any].some((list) => Array.isArray(list) && list.length > 1);
  return grouped && inGroup ? `(${ruleWords(rule, name)})` : ruleWords(rule, name);
}

function valueWords(value: Json | undefined, takes: Operator["takes"] | undefined): string {
  if (value === undefined || value === null || takes === "nothing") return "";
  if (takes === "duration" && typeof value === "string") return durationWords(value);
  if (Array.isArray(value)) return value.map(String).join(takes === "two" ? " and " : ", ");
  return typeof value === "string" ? `“${value}”` : String(value);
}
