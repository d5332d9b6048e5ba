import { Button, Group, Select, SimpleGrid, Stack, TagsInput, Textarea, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { ask, type Model } from "@/api/client";
import { Loaded } from "@/shared/Loaded";
import { tell } from "@/shell/notice";

import { Card, Part } from "./Part";
import { useChange } from "./resource";

type Values = Model<"SettingsAnswer">;

const ZONES = Intl.supportedValuesOf("timeZone");

/** What holds for all flows and channels. */
export function Workspace() {
  const change = useChange("settings", "session");
  const save = (body: Partial<Values>) => change.mutate({ method: "PATCH", path: "/v1/settings", body }, { onSuccess: () => tell("The workspace is saved") });
  const query = useQuery({ queryKey: ["settings"], queryFn: async () => (await ask<Values>("GET", "/v1/settings")).data });
  return (
    <Part title="Workspace" about="What holds for all flows and channels.">
      <Loaded query={query} what="The workspace">
        {(data) => (
          <Card>
            <Form key={JSON.stringify(data)} before={data} saving={change.isPending} onSave={save} />
          </Card>
        )}
      </Loaded>
    </Part>
  );
}

function Form({ before, saving, onSave }: { before: Values; saving: boolean; onSave: (values: Partial<Values>) => void }) {
  const [values, setValues] = useState(before);
  const put = (changed: Partial<Values>) => setValues({ ...values, ...changed });
  const save = () => {
    const { name, brand, timezone, language, country, opt_out_words, opt_out_text, opt_in_words, opt_in_text, no_agent_text } = values;
    onSave({ name, brand, timezone, language, country, opt_out_words, opt_out_text, opt_in_words, opt_in_text, no_agent_text });
  };
  return (
    <Stack>
      <TextInput label="Name of the workspace" required value={values.name} onChange={(event) => put({ name: event.target.value })} />
      <TextInput label="Brand" description="The name that visitors see" value={values.brand ?? ""} onChange={(event) => put({ brand: event.target.value || null })} />
      <SimpleGrid cols={{ base: 1, sm: 3 }}>
        <Select label="Time zone" description="For who has none of their own" searchable clearable placeholder="UTC" data={ZONES} value={values.timezone ?? null} onChange={(timezone) => put({ timezone })} />
        <TextInput
          label="Language"
          description="For who has none that a flow speaks"
          placeholder="en"
          maxLength={30}
          value={values.language ?? ""}
          onChange={(event) => put({ language: event.target.value.trim() || null })}
        />
        <TextInput
          label="Country"
          description="Two letters: for numbers without a country code"
          placeholder="DE"
          maxLength={2}
          value={values.country ?? ""}
          onChange={(event) => put({ country: event.target.value.toUpperCase() || null })}
        />
      </SimpleGrid>
      <Textarea label="When nobody can take a conversation" placeholder="Said to the contact" autosize value={values.no_agent_text ?? ""} onChange={(event) => put({ no_agent_text: event.target.value || null })} />
      <TagsInput label="Words that opt out" description="Whoever writes one gets no more messages. Empty: the usual words" value={[...(values.opt_out_words ?? [])]} onChange={(words) => put({ opt_out_words: words.length ? words : null })} />
      <TagsInput label="Words that opt in again" value={[...(values.opt_in_words ?? [])]} onChange={(words) => put({ opt_in_words: words.length ? words : null })} />
      <Group justify="flex-end">
        <Button loading={saving} onClick={save}>
          Save
        </Button>
      </Group>
    </Stack>
  );
}
