import { Badge, Button, Group, Menu, Modal, Select, Stack, Text, TextInput, ActionIcon, Avatar } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { IconDots, IconPlus } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";

import type { Model } from "@/api/client";
import { useSession } from "@/api/session";
import { colleagues } from "@/screens/conversations/conversations";

import { Copy } from "../Copy";
import { Entry, List, Part } from "../Part";
import { useChange } from "../resource";
import { Teams } from "./Teams";

type User = Model<"User">;
type Link = Model<"SignInLink">;

const ROLES = [
  { value: "owner", label: "Owner: everything" },
  { value: "editor", label: "Editor: flows, contacts, settings" },
  { value: "agent", label: "Agent: conversations" },
];
const PRESENCE: Record<string, [string, string]> = { online: ["Online", "teal"], busy: ["Busy", "yellow"], offline: ["Away", "gray"] };

/** Who works here, and in which teams. */
export function People() {
  const list = useQuery(colleagues);
  const { data: session } = useSession();
  const [adding, setAdding] = useState(false);
  const [link, setLink] = useState<{ who: string; link: Link } | null>(null);
  const owner = session?.role === "owner";
  return (
    <>
      <Part
        title="People"
        about="Colleagues get in by a one-time link that you send them."
        action={
          owner && (
            <Button leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>
              Add a colleague
            </Button>
          )
        }
      >
        <List query={list} what="The people">
          {(person) => (
            <Entry
              key={person.id}
              picture={<Avatar name={person.name || person.email} color="initials" size={34} />}
              name={
                <>
                  {person.name || person.email}
                  {person.id === session?.user_id && (
                    <Text span c="dimmed">
                      {" "}
                      (you)
                    </Text>
                  )}
                </>
              }
              about={`${person.email}${person.signs_in ? "" : " · has not signed in yet"}`}
            >
              <Badge color={PRESENCE[person.presence]?.[1] ?? "gray"}>{PRESENCE[person.presence]?.[0] ?? person.presence}</Badge>
              <Badge color="gray" tt="capitalize">
                {person.role}
              </Badge>
              {owner && <Actions person={person} mine={person.id === session?.user_id} onLink={(made) => setLink({ who: person.name || person.email, link: made })} />}
            </Entry>
          )}
        </List>
      </Part>
      <Teams people={list.data ?? []} />
      {adding && (
        <AddPerson
          onClose={() => setAdding(false)}
          onMade={(who, made) => {
            setAdding(false);
            setLink({ who, link: made });
          }}
        />
      )}
      {link && (
        <Modal opened onClose={() => setLink(null)} title={<Text fw={620}>A link for {link.who}</Text>}>
          <Stack>
            <Text size="sm">
              Send this link. It works once{link.link.purpose === "reset" ? " and sets a new password" : ""}.
            </Text>
            <Copy label="One-time link" value={link.link.url} />
          </Stack>
        </Modal>
      )}
    </>
  );
}

function Actions({ person, mine, onLink }: { person: User; mine: boolean; onLink: (link: Link) => void }) {
  const change = useChange("users", "teams");
  const make = useChange<Link>("users");
  const path = `/v1/users/${person.id}`;
  return (
    <Menu position="bottom-end" width={250}>
      <Menu.Target>
        <ActionIcon aria-label={`More for ${person.name || person.email}`}>
          <IconDots size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => make.mutate({ method: "POST", path: `${path}/link` }, { onSuccess: onLink })}>
          {person.signs_in ? "Link for a new password" : "Make the invitation again"}
        </Menu.Item>
        {!mine && (
          <>
            <Menu.Label>Role</Menu.Label>
            {ROLES.map((role) => (
              <Menu.Item key={role.value} disabled={role.value === person.role} onClick={() => change.mutate({ method: "PATCH", path, body: { role: role.value } })}>
                {role.label}
              </Menu.Item>
            ))}
            <Menu.Divider />
            <Menu.Item c="red" onClick={() => change.mutate({ method: "DELETE", path })}>
              Remove
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

function AddPerson({ onClose, onMade }: { onClose: () => void; onMade: (who: string, link: Link) => void }) {
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [role, setRole] = useState("agent");
  const add = useChange<User>("users", "teams");
  const make = useChange<Link>("users");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate(
      { method: "POST", path: "/v1/users", body: { name: name.trim(), email: email.trim(), role } },
      { onSuccess: (made) => make.mutate({ method: "POST", path: `/v1/users/${made.id}/link` }, { onSuccess: (link) => onMade(made.name, link) }) },
    );
  };
  return (
    <Modal opened onClose={onClose} title={<Text fw={620}>Add a colleague</Text>}>
      <form onSubmit={submit}>
        <Stack>
          <TextInput label="Name" required data-autofocus value={name} onChange={(event) => setName(event.target.value)} />
          <TextInput label="E-mail" type="email" required value={email} onChange={(event) => setEmail(event.target.value)} />
          <Select label="Role" allowDeselect={false} data={ROLES} value={role} onChange={(value) => setRole(value ?? "agent")} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={add.isPending || make.isPending}>
              Add, and make the link
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
