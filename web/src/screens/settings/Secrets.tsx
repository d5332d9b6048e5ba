import { ActionIcon, Button, Code, Group, Modal, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";

import type { Model } from "@/api/client";
import { ago } from "@/shared/time";

import { Entry, List, Part } from "./Part";
import { listOf, useChange } from "./resource";

type Secret = Model<"Secret">;

const secretList = listOf<Secret>("/v1/secrets", "secrets");
const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;

/** Keys and passwords of other systems: entered and replaced, never shown again. */
export function Secrets() {
  const secrets = useQuery(secretList);
  const [edited, setEdited] = useState<Secret | "new" | null>(null);
  const change = useChange("secrets");
  return (
    <Part
      title="Secrets"
      about="Keys and passwords of other systems, which flows send along when they call them. They are kept encrypted, and nobody can read them again, here or in a conversation’s history."
      action={
        <Button leftSection={<IconPlus size={16} />} onClick={() => setEdited("new")}>
          New secret
        </Button>
      }
    >
      <List query={secrets} what="The secrets" none="There is no secret yet.">
        {(each) => (
          <Entry key={each.name} name={each.name} about={`changed ${ago(each.changed_at)} · ${each.used_at ? `sent ${ago(each.used_at)}` : "never sent"}`}>
            <Code>{`{{secret.${each.name}}}`}</Code>
            <Button size="xs" variant="default" onClick={() => setEdited(each)} aria-label={`Replace ${each.name}`}>
              Replace
            </Button>
            <ActionIcon aria-label={`Delete ${each.name}`} onClick={() => change.mutate({ method: "DELETE", path: `/v1/secrets/${each.name}` })}>
              <IconTrash size={16} />
            </ActionIcon>
          </Entry>
        )}
      </List>
      {edited && <EnterSecret secret={edited === "new" ? null : edited} onClose={() => setEdited(null)} />}
    </Part>
  );
}

function EnterSecret({ secret, onClose }: { secret: Secret | null; onClose: () => void }) {
  const [name, setName] = useState(secret?.name ?? "");
  const [value, setValue] = useState("");
  const change = useChange("secrets");
  const wrong = name !== "" && !NAME.test(name);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (wrong) return;
    change.mutate({ method: "PUT", path: `/v1/secrets/${name}`, body: { value } }, { onSuccess: onClose });
  };
  return (
    <Modal opened onClose={onClose} title={<Text fw={620}>{secret ? `Replace ${secret.name}` : "New secret"}</Text>}>
      <form onSubmit={submit} autoComplete="off">
        <Stack>
          {!secret && (
            <TextInput label="Name" placeholder="BOOKING_API" required data-autofocus value={name} onChange={(event) => setName(event.target.value)} error={wrong && "Letters, digits and _, with a letter first."} />
          )}
          <PasswordInput label="Value" description="It can be replaced later, but not read again." required data-autofocus={secret ? true : undefined} value={value} onChange={(event) => setValue(event.target.value)} autoComplete="new-password" />
          <Group justify="flex-end">
            <Button type="submit" loading={change.isPending}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
