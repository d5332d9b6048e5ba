// A rule (schemas/rule.py) as people edit it: groups of conditions, each of which may be turned around, to any depth.
import { type Config, isObject, type Json } from "@/flow/document";

import type { Joint } from "./rule";

/** One condition. `at` is where it stands in the rule, as a pointer; a condition of a kind unknown here is kept as it is. */
export interface Leaf {
  at: string;
  not: boolean;
  test: Config;
}

export interface Branch {
  at: string;
  not: boolean;
  joint: Joint;
  items: readonly Item[];
}

export type Item = Leaf | Branch;

/** Which item: the first of the second is [1, 0]. */
export type Path = readonly number[];

export const isBranch = (item: Item): item is Branch => "items" in item;

/** The rule as a group: a rule without one becomes a group of one condition. */
export function readRule(rule: Json | undefined): Branch {
  if (!isObject(rule)) return { at: "", not: false, joint: "all", items: [] };
  const item = read(rule, "");
  return isBranch(item) ? item : { at: "", not: false, joint: "all", items: [item] };
}

function read(rule: Config, at: string): Item {
  for (const joint of ["all", "any"] as const) {
    const list = rule[joint];
    if (Array.isArray(list)) return { at, not: false, joint, items: list.map((each, index) => read(isObject(each) ? each : {}, `${at}/${joint}/${index}`)) };
  }
  if (!isObject(rule.not)) return { at, not: false, test: rule };
  const inner = read(rule.not, `${at}/not`);
  return inner.not ? { at, not: true, joint: "all", items: [inner] } : { ...inner, not: true };
}

/** The group as the server takes it: a single condition stands without a group; null for nothing. */
export function writeRule(root: Branch): Config | null {
  const [only] = root.items;
  if (!only) return null;
  return root.items.length > 1 ? write(root) : write({ ...only, not: only.not !== root.not });
}

function write(item: Item): Config {
  const plain = isBranch(item) ? { [item.joint]: item.items.map(write) } : item.test;
  return item.not ? { not: plain } : plain;
}

/** The tree with something else in place of an item; null takes it out, and a group that becomes empty with it. */
export function put(branch: Branch, path: Path, next: Item | null): Branch {
  const [index = 0, ...rest] = path;
  const child = branch.items[index];
  let now = next;
  if (rest.length && child && isBranch(child)) {
    const changed = put(child, rest, next);
    now = changed.items.length ? changed : null;
  }
  return { ...branch, items: branch.items.flatMap((each, at) => (at === index ? (now ? [now] : []) : [each])) };
}

/** The item at a path; the whole for []. */
export function get(branch: Branch, path: Path): Item | undefined {
  return path.reduce<Item | undefined>((found, index) => (found && isBranch(found) ? found.items[index] : undefined), branch);
}

function insert(branch: Branch, path: Path, item: Item): Branch {
  const [index = 0, ...rest] = path;
  if (!rest.length) return { ...branch, items: [...branch.items.slice(0, index), item, ...branch.items.slice(index)] };
  return { ...branch, items: branch.items.map((each, at) => (at === index && isBranch(each) ? insert(each, rest, item) : each)) };
}

/** Moves an item one place up or down, through the ends of groups as in an outline; where it stands then. */
export function shift(root: Branch, path: Path, by: 1 | -1): { root: Branch; path: Path } {
  const parent = path.slice(0, -1);
  const index = path.at(-1) ?? 0;
  const [item, around] = [get(root, path), get(root, parent)];
  if (!item || !around || !isBranch(around)) return { root, path };
  const beside = around.items[index + by];
  if (!beside) {
    if (!parent.length) return { root, path };
    const above = parent.slice(0, -1);
    const place = (parent.at(-1) ?? 0) + (by > 0 ? 1 : 0);
    const left = put(root, path, null);
    const emptied = around.items.length === 1;
    const to = [...above, emptied && by > 0 ? place - 1 : place];
    return { root: insert(left, to, item), path: to };
  }
  const left = put(root, path, null);
  const at = by > 0 ? index : index - 1;
  const to = isBranch(beside) ? [...parent, at, by > 0 ? 0 : beside.items.length] : [...parent, index + by];
  return { root: insert(left, to, item), path: to };
}
