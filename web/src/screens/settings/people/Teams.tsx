import { Button, Group, Modal, MultiSelect, NumberInput, Select, Stack, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { IconPlus } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";

import type { Model } from "@/api/client";
import { useChoices } from "@/canvas/names";
import { teams } from "@/screens/conversations/conversations";

import { Entry, List, Part } from "../Part";
import { useChange } from "../resource";
import { HoursForm, hoursInWords, OFFICE } from "../Hours";

type Team = Model<"Team">;

const OWN = "$own";
type User = Model<"User">;

/** Groups of agents: flows hand conversations to a team. */
export function Teams({ people }: { people: readonly User[] }) {
  const list = useQuery(teams);
  const [edited, setEdited] = useState<Team | "new" | null>(null);
  const named = useChoices("hours_key");
  const names = new Map(people.map((person) => [person.id, person.name || person.email]));
  return (
    <Part
      title="Teams"
      about="Flows hand conversations to a team; whoever of it is online and has room gets the next one."
      action={
        <Button variant="default" leftSection={<IconPlus size={16} />} onClick={() => setEdited("new")}>
          New team
        </Button>
      }
    >
      <List query={list} what="The teams">
        {(team) => (
          <Entry
            key={team.id}
            name={team.name}
            about={
              <>
                {team.everyone ? "All people" : team.members.map((id) => names.get(id) ?? id).join(", ") || "Nobody yet"} · {team.capacity} at once ·{" "}
                {typeof team.hours === "string" ? (named.find((each) => each.value === team.hours)?.label ?? team.hours) : team.hours ? hoursInWords(team.hours) : "always open"}
              </>
            }
          >
            <Button size="xs" variant="default" onClick={() => setEdited(team)} aria-label={`Change ${team.name}`}>
              Change
            </Button>
          </Entry>
        )}
      </List>
      {edited && <EditTeam team={edited === "new" ? null : edited} people={people} onClose={() => setEdited(null)} />}
    </Part>
  );
}

function EditTeam({ team, people, onClose }: { team: Team | null; people: readonly User[]; onClose: () => void }) {
  const [name, setName] = useState(team?.name ?? "");
  const [capacity, setCapacity] = useState<number | string>(team?.capacity ?? 5);
  const [members, setMembers] = useState<string[]>([...(team?.members ?? [])]);
  const [hours, setHours] = useState(team?.hours ?? null);
  const named = useChoices("hours_key").map(({ value, label }) => ({ value, label }));
  const change = useChange("teams");
  const path = team ? `/v1/teams/${team.id}` : "/v1/teams";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const body = { name: name.trim(), capacity: Number(capacity), hours, ...(team?.everyone ? {} : { members }) };
    change.mutate({ method: team ? "PATCH" : "POST", path, body }, { onSuccess: onClose });
  };
  return (
    <Modal opened onClose={onClose} size="lg" title={<Text fw={620}>{team ? team.name : "New team"}</Text>}>
      <form onSubmit={submit}>
        <Stack>
          <TextInput label="Name" required data-autofocus value={name} onChange={(event) => setName(event.target.value)} />
          {!team?.everyone && (
            <MultiSelect label="Members" searchable data={people.map((person) => ({ value: person.id, label: person.name || person.email }))} value={members} onChange={setMembers} />
          )}
          <NumberInput label="Conversations at once" description="For each agent" min={1} max={1000} value={capacity} onChange={setCapacity} />
          <Select
            label="Open"
            data={[...named, { value: OWN, label: "Hours of its own" }]}
            placeholder="Always"
            clearable
            value={typeof hours === "string" ? hours : hours ? OWN : null}
            onChange={(next) => setHours(next === OWN ? { weekly: [OFFICE], holidays: [], timezone: null } : next)}
          />
          {hours && typeof hours !== "string" && <HoursForm label="Hours of its own" always="Always" value={hours} onChange={setHours} />}
          <Group justify="space-between">
            {team && !team.everyone ? (
              <Button variant="subtle" color="red" onClick={() => change.mutate({ method: "DELETE", path }, { onSuccess: onClose })}>
                Delete the team
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
