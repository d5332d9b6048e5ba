import { expect, test } from "vitest";

import { distinct } from "./names";

test("a template in two languages is one choice that names both", () => {
  const rows = [
    { value: "shipped", label: "shipped", hint: "en" },
    { value: "late", label: "late", hint: "en" },
    { value: "shipped", label: "shipped", hint: "de pending" },
  ];
  expect(distinct(rows)).toEqual([
    { value: "shipped", label: "shipped", hint: "en, de pending" },
    { value: "late", label: "late", hint: "en" },
  ]);
});

test("what comes twice, because a list changed between two pages, is offered once", () => {
  const row = { value: "flow_1", label: "Greeting" };
  expect(distinct([row, row])).toEqual([row]);
});
