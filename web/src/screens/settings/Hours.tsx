import { ActionIcon, Button, Chip, Group, Stack, Switch, Text, TextInput } from "@mantine/core";
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
const OFFICE: Interval = { days: ["mon", "tue", "wed", "thu", "fri"], from: "09:00", to: "17:00" };
const NEVER: Hours = { weekly: [], holidays: [], timezone: null };

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

/** When somebody is there, week by week. */
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
      {value !== null &&
        weekly.map((each, index) => (
          <Group key={index} gap={8}>
            <Chip.Group multiple value={[...each.days]} onChange={(days) => put(index, { days: days as Day[] })}>
              {DAYS.map(([day, short]) => (
                <Chip key={day} value={day} size="xs" radius="sm">
                  {short}
                </Chip>
              ))}
            </Chip.Group>
            <TextInput size="xs" type="time" aria-label="From" w={96} value={each.from} onChange={(event) => put(index, { from: event.target.value })} />
            <TextInput size="xs" type="time" aria-label="To" w={96} value={each.to} onChange={(event) => put(index, { to: event.target.value })} />
            <ActionIcon aria-label="Remove these hours" onClick={() => onChange({ ...value, weekly: weekly.filter((_, at) => at !== index) })}>
              <IconX size={15} />
            </ActionIcon>
          </Group>
        ))}
      {value !== null && (
        <Button size="compact-xs" variant="subtle" w="fit-content" leftSection={<IconPlus size={13} />} onClick={() => onChange({ ...value, weekly: [...weekly, OFFICE] })}>
          Add hours
        </Button>
      )}
    </Stack>
  );
}
