import { ActionIcon, Button, Chip, Group, Select, Stack, Switch, TagsInput, Text, TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";

import type { Model } from "@/api/client";

export type Hours = Model<"Hours">;
type Interval = NonNullable<Hours["weekly"]>[number];
type Day = Interval["days"][number];

const DAYS: readonly [Day, string][] = [
  ["mon", "Mon"],
  ["tue", "Tue"],
  ["wed", "Wed"],
  ["thu", "Thu"],
  ["fri", "Fri"],
  ["sat", "Sat"],
  ["sun", "Sun"],
];
export const OFFICE: Interval = { days: ["mon", "tue", "wed", "thu", "fri"], from: "09:00", to: "17:00" };
const NEVER: Hours = { weekly: [], holidays: [], timezone: null };
const ZONES = Intl.supportedValuesOf("timeZone");
const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** "Mon, Tue 09:00–17:00; Sat 10:00–14:00". */
export function hoursInWords(hours: Hours): string {
  const labels = new Map(DAYS);
  return (hours.weekly).map((each) => `${each.days.map((day) => labels.get(day)).join(", ")} ${each.from}–${each.to}`).join("; ") || "never open";
}

interface Props {
  label: string;
  always: string;
  value: Hours | null;
  onChange: (hours: Hours | null) => void;
}

/** When somebody is there: week by week, but for holidays, in a time zone. */
export function HoursForm({ label, always, value, onChange }: Props) {
  const weekly = value?.weekly ?? [];
  const put = (index: number, change: Partial<Interval>) =>
    onChange({ ...(value ?? NEVER), weekly: weekly.map((each, at) => (at === index ? { ...each, ...change } : each)) });
  return (
    <Stack gap={8} role="group" aria-label={label}>
      <Group justify="space-between">
        <Text size="sm" fw={540}>
          {label}
        </Text>
        <Switch size="xs" label={always} checked={value === null} onChange={(event) => onChange(event.target.checked ? null : { ...NEVER, weekly: [OFFICE] })} />
      </Group>
      {value !== null && (
        <>
          {weekly.map((each, index) => (
            <Group key={index} gap={8}>
              <Chip.Group multiple value={[...each.days]} onChange={(days) => put(index, { days: days as Day[] })}>
                {DAYS.map(([day, short]) => (
                  <Chip key={day} value={day} size="xs" radius="sm">
                    {short}
                  </Chip>
                ))}
              </Chip.Group>
              <TextInput size="xs" type="time" aria-label="From" w={128} value={each.from} onChange={(event) => put(index, { from: event.target.value })} />
              <TextInput size="xs" type="time" aria-label="To" w={128} value={each.to} onChange={(event) => put(index, { to: event.target.value })} />
              <ActionIcon aria-label="Remove these hours" onClick={() => onChange({ ...value, weekly: weekly.filter((_, at) => at !== index) })}>
                <IconX size={15} />
              </ActionIcon>
            </Group>
          ))}
          <Button size="compact-xs" variant="subtle" w="fit-content" leftSection={<IconPlus size={13} />} onClick={() => onChange({ ...value, weekly: [...weekly, OFFICE] })}>
            Add hours
          </Button>
          <Group grow align="flex-start" mt={4}>
            <TagsInput
              size="sm"
              label="Holidays"
              description="Days on which nothing opens, such as 2026-12-25"
              placeholder={value.holidays?.length ? undefined : "2026-12-25"}
              value={[...(value.holidays ?? [])]}
              onChange={(days) => onChange({ ...value, holidays: days.filter((day) => DATE.test(day)).sort() })}
              splitChars={[",", " "]}
              acceptValueOnBlur
            />
            <Select size="sm" label="Time zone" description="In which these times are meant" placeholder="The workspace’s" searchable clearable limit={50} data={ZONES} value={value.timezone ?? null} onChange={(timezone) => onChange({ ...value, timezone })} />
          </Group>
        </>
      )}
    </Stack>
  );
}
