import { Button, Code, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { IconPlus } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";

import type { Model } from "@/api/client";

import { type Hours, HoursForm, hoursInWords } from "./Hours";
import { keyOf } from "./key";
import { Entry, List, Part } from "./Part";
import { listOf, useChange } from "./resource";

type Named = Model<"NamedHours">;

const BUSINESS = "business";
const hoursList = listOf<Named>("/v1/hours", "hours");

/** When the business, a shop or a hotline is open, each by its name. */
export function OpeningHours() {
  const named = useQuery(hoursList);
  const [edited, setEdited] = useState<Named | "new" | null>(null);
  return (
    <Part
      title="Opening hours"
      about="Flows wait for them and ask whether they are open; triggers and teams go by them. Business hours count where no others are named."
      action={
        <Button leftSection={<IconPlus size={16} />} onClick={() => setEdited("new")}>
          New hours
        </Button>
      }
    >
      <List query={named} what="The opening hours">
        {(each) => (
          <Entry
            key={each.id}
            name={each.label}
            about={
              <>
                {each.hours ? hoursInWords(each.hours) : "always open"}
                {each.hours?.holidays?.length ? ` · ${each.hours.holidays.length === 1 ? "1 holiday" : `${each.hours.holidays.length} holidays`}` : ""}
                {each.hours?.timezone ? ` · ${each.hours.timezone}` : ""}
              </>
            }
          >
            <Code>{`hours.${each.key}`}</Code>
            <Button size="xs" variant="default" onClick={() => setEdited(each)} aria-label={`Change ${each.label}`}>
              Change
            </Button>
          </Entry>
        )}
      </List>
      {edited && <EditHours named={edited === "new" ? null : edited} onClose={() => setEdited(null)} />}
    </Part>
  );
}

function EditHours({ named, onClose }: { named: Named | null; onClose: () => void }) {
  const [label, setLabel] = useState(named?.label ?? "");
  const [hours, setHours] = useState<Hours | null>(named?.hours ?? null);
  const change = useChange("hours", "choices", "paths", "teams");
  const path = named ? `/v1/hours/${named.id}` : "/v1/hours";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const body = { label: label.trim(), hours, ...(named ? {} : { key: keyOf(label, "hours") }) };
    change.mutate({ method: named ? "PATCH" : "POST", path, body }, { onSuccess: onClose });
  };
  return (
    <Modal opened onClose={onClose} size={720} title={<Text fw={620}>{named ? named.label : "New hours"}</Text>}>
      <form onSubmit={submit}>
        <Stack>
          <TextInput label="Name" placeholder="Shop" required data-autofocus value={label} onChange={(event) => setLabel(event.target.value)} />
          <HoursForm label="Open" always="Always" value={hours} onChange={setHours} />
          <Group justify="space-between">
            {named && named.key !== BUSINESS ? (
              <Button variant="subtle" color="red" onClick={() => change.mutate({ method: "DELETE", path }, { onSuccess: onClose })}>
                Delete these hours
              </Button>
            ) : (
              <span />
            )}
            <Button type="submit" loading={change.isPending}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
