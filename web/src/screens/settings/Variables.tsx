import { ActionIcon, Badge, Button, Code, Group, Modal, NumberInput, Select, Stack, TagsInput, Text, Textarea, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";

import type { Model } from "@/api/client";

import { TYPES } from "./Fields";
import { keyOf } from "./key";
import { Entry, List, Part } from "./Part";
import { listOf, useChange } from "./resource";

type Global = Model<"Global">;
type Value = Global["value"];

const globalList = listOf<Global>("/v1/globals", "globals");

/** Values that all flows read: changed once, new everywhere. */
export function Variables() {
  const globals = useQuery(globalList);
  const [edited, setEdited] = useState<Global | "new" | null>(null);
  const change = useChange("globals", "paths");
  return (
    <Part
      title="Variables"
      about="Values that all flows read, such as the shop’s name or today’s discount. A change counts at once, also in conversations that are under way. No place for passwords."
      action={
        <Button leftSection={<IconPlus size={16} />} onClick={() => setEdited("new")}>
          New variable
        </Button>
      }
    >
      <List query={globals} what="The variables" none="There is no variable yet.">
        {(each) => (
          <Entry key={each.id} name={each.label} about={<Text inherit lineClamp={1}>{inWords(each.value)}</Text>}>
            <Code>{`{{global.${each.key}}}`}</Code>
            <Badge color="gray">{TYPES.find((type) => type.value === each.type)?.label ?? each.type}</Badge>
            <Button size="xs" variant="default" onClick={() => setEdited(each)} aria-label={`Change ${each.label}`}>
              Change
            </Button>
            <ActionIcon aria-label={`Delete ${each.label}`} onClick={() => change.mutate({ method: "DELETE", path: `/v1/globals/${each.id}` })}>
              <IconTrash size={16} />
            </ActionIcon>
          </Entry>
        )}
      </List>
      {edited && <EditGlobal variable={edited === "new" ? null : edited} onClose={() => setEdited(null)} />}
    </Part>
  );
}

function inWords(value: Value): string {
  if (value === null || value === undefined || value === "") return "empty";
  if (typeof value === "boolean") return value ? "yes" : "no";
  return Array.isArray(value) ? value.join(", ") : String(value);
}

function EditGlobal({ variable, onClose }: { variable: Global | null; onClose: () => void }) {
  const [label, setLabel] = useState(variable?.label ?? "");
  const [type, setType] = useState(variable?.type ?? "text");
  const [value, setValue] = useState<Value>(variable?.value ?? null);
  const change = useChange("globals", "paths");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const said = { label: label.trim(), value };
    const wanted = variable
      ? { method: "PATCH" as const, path: `/v1/globals/${variable.id}`, body: said }
      : { method: "POST" as const, path: "/v1/globals", body: { ...said, key: keyOf(label, "value"), type } };
    change.mutate(wanted, { onSuccess: onClose });
  };
  const choose = (next: string | null) => {
    setType(next ?? "text");
    setValue(null);
  };
  return (
    <Modal opened onClose={onClose} title={<Text fw={620}>{variable ? variable.label : "New variable"}</Text>}>
      <form onSubmit={submit}>
        <Stack>
          <TextInput label="Name" placeholder="Name of the shop" required data-autofocus value={label} onChange={(event) => setLabel(event.target.value)} description={variable ? `Flows read it as {{global.${variable.key}}}` : undefined} />
          {!variable && <Select label="Kind of value" allowDeselect={false} data={TYPES} value={type} onChange={choose} />}
          <ValueInput type={type} value={value} onChange={setValue} />
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

function ValueInput({ type, value, onChange }: { type: string; value: Value; onChange: (value: Value) => void }) {
  switch (type) {
    case "number":
      return <NumberInput label="Value" value={typeof value === "number" ? value : ""} onChange={(next) => onChange(typeof next === "number" ? next : null)} />;
    case "boolean":
      return <Select label="Value" placeholder="Empty" clearable data={[{ value: "true", label: "Yes" }, { value: "false", label: "No" }]} value={typeof value === "boolean" ? String(value) : null} onChange={(next) => onChange(next === null ? null : next === "true")} />;
    case "date":
      return <TextInput type="date" label="Value" value={typeof value === "string" ? value : ""} onChange={(event) => onChange(event.target.value || null)} />;
    case "list":
      return <TagsInput label="Value" placeholder="Type, then press Enter" value={Array.isArray(value) ? value.map(String) : []} onChange={(next) => onChange(next)} acceptValueOnBlur />;
    default:
      return <Textarea label="Value" autosize maxRows={8} value={typeof value === "string" ? value : ""} onChange={(event) => onChange(event.target.value || null)} />;
  }
}
