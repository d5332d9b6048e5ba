import { Anchor, Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { IconPlus } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";

import type { Model } from "@/api/client";
import { ago } from "@/shared/time";

import { Copy } from "./Copy";
import { Entry, List, Part } from "./Part";
import { listOf, useChange } from "./resource";

type Key = Model<"Key">;

const keyList = listOf<Key>("/v1/keys", "keys");

/** Keys by which programs use the API. */
export function Keys() {
  const keys = useQuery(keyList);
  const [adding, setAdding] = useState(false);
  const change = useChange("keys");
  return (
    <Part
      title="API keys"
      about={
        <>
          For programs of yours, such as a shop that starts a flow. <Anchor href="/docs" inherit>The API’s documentation</Anchor>
        </>
      }
      action={
        <Button leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>
          New key
        </Button>
      }
    >
      <List query={keys} what="The keys" none="There is no key. Make one for each program that is to ask.">
        {(key) => (
          <Entry
            key={key.id}
            name={key.name || "Without a name"}
            about={
              <>
                <code>{key.prefix}…</code> · {key.last_used_at ? `used ${ago(key.last_used_at)}` : "never used"}
              </>
            }
          >
            <Button size="xs" variant="light" color="red" onClick={() => change.mutate({ method: "DELETE", path: `/v1/keys/${key.id}` })}>
              Revoke
            </Button>
          </Entry>
        )}
      </List>
      {adding && <NewKey onClose={() => setAdding(false)} />}
    </Part>
  );
}

function NewKey({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState("");
  const make = useChange<Model<"NewKey">>("keys");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate({ method: "POST", path: "/v1/keys", body: { name: name.trim() } });
  };
  return (
    <Modal opened onClose={onClose} title={<Text fw={620}>New API key</Text>}>
      {make.data ? (
        <Stack>
          <Text size="sm">Keep it in a safe place: it is shown this once.</Text>
          <Copy label={make.data.name || "API key"} value={make.data.api_key} />
          <Group justify="flex-end">
            <Button onClick={onClose}>Done</Button>
          </Group>
        </Stack>
      ) : (
        <form onSubmit={submit}>
          <Stack>
            <TextInput label="What it is for" placeholder="Web shop" required data-autofocus value={name} onChange={(event) => setName(event.target.value)} />
            <Group justify="flex-end">
              <Button type="submit" loading={make.isPending}>
                Make the key
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}
