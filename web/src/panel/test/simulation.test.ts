import { expect, test } from "vitest";

import { type Emitted, type Frame, type Notified, scenario } from "./simulation";

const FIRST = { channel: "webchat", now: "2026-03-02T10:00:00Z", contact: { name: "Ann" }, hours: [] as Frame["hours"] } as Frame;
const told = { id: "1", node: "n", label: "N", at: FIRST.now };

test("a conversation is saved with what the bot said and what others were told", () => {
  const emitted = [{ ...told, event: "lead.qualified", data: { budget: 5 } }] satisfies Emitted[];
  const notified = [
    { ...told, text: "Look", team: "everyone", address: null },
    { ...told, text: "Here", team: null, address: "+4915112345678" },
  ] satisfies Notified[];
  const lines = scenario("A test", FIRST, [{ act: { say: "hi" }, told: ["Hello"], emitted, notified }]).split("\n");
  expect(lines.slice(lines.indexOf("    steps:") + 1, -1)).toEqual([
    '      - {"say":"hi"}',
    '      - {"expect":["Hello"]}',
    '      - {"emitted":[{"event":"lead.qualified","data":{"budget":5}}]}',
    '      - {"notified":[{"text":"Look","team":"everyone"},{"text":"Here","address":"+4915112345678"}]}',
  ]);
});

test("hours that were said to be open or closed are so in the scenario", () => {
  const hours: Frame["hours"] = [
    { key: "business", open: false, said: "closed" },
    { key: "shop", open: true, said: "open" },
    { key: "school", open: true, said: null },
  ];
  const line = scenario("A test", { ...FIRST, hours }, []).split("\n").find((each) => each.includes("hours"));
  const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
  expect(JSON.parse(line?.split("hours: ")[1] ?? "")).toEqual({ business: { weekly: [] }, shop: { weekly: [{ days, from: "00:00", to: "24:00" }] } });
});
