import { ActionIcon, Badge, Button, Group, Modal, Select, Stack, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { IconPencil, IconPlus, IconTrash } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";

import type { Model } from "@/api/client";
import { fieldList, tagList } from "@/screens/contacts/contacts";

import { keyOf } from "./key";
import { Entry, List, Part } from "./Part";
import { useChange } from "./resource";

type Field = Model<"Field">;

export const TYPES = [
  { value: "text", label: "Text" },
  { value: "number", label: "Number" },
  { value: "boolean", label: "Yes or no" },
  { value: "date", label: "Date" },
  { value: "list", label: "List" },
];

/** What may be known of contacts, and how they are marked. */
export function Fields() {
  const fields = useQuery(fieldList);
  const tags = useQuery(tagList);
  const [edited, setEdited] = useState<Field | "new" | null>(null);
  const [renamed, setRenamed] = useState<string | null>(null);
  const change = useChange("fields", "tags", "contacts");
  return (
    <>
      <Part
        title="Fields"
        about="What flows ask and save about a contact, such as a budget or a birthday."
        action={
          <Button leftSection={<IconPlus size={16} />} onClick={() => setEdited("new")}>
            New field
          </Button>
        }
      >
        <List query={fields} what="The fields" none="There is no field yet. A name, a number, an e-mail address and a language every contact has anyway.">
          {(field) => (
            <Entry key={field.id} name={field.label || field.key} about={`{{contact.fields.${field.key}}}`}>
              <Badge color="gray">{TYPES.find((type) => type.value === field.type)?.label ?? field.type}</Badge>
              <ActionIcon aria-label={`Rename ${field.label || field.key}`} onClick={() => setEdited(field)}>
                <IconPencil size={16} />
              </ActionIcon>
              <ActionIcon aria-label={`Delete ${field.label || field.key}`} onClick={() => change.mutate({ method: "DELETE", path: `/v1/fields/${field.id}` })}>
                <IconTrash size={16} />
              </ActionIcon>
            </Entry>
          )}
        </List>
      </Part>
      <Part title="Tags" about="Flows and people tag contacts; a tag is there as soon as somebody has it.">
        <List query={tags} what="The tags" none="Nobody has a tag yet.">
          {(each) => (
            <Entry key={each.tag} name={each.tag} about={each.contacts === 1 ? "1 contact" : `${each.contacts.toLocaleString()} contacts`}>
              <ActionIcon aria-label={`Rename ${each.tag}`} onClick={() => setRenamed(each.tag)}>
                <IconPencil size={16} />
              </ActionIcon>
              <ActionIcon aria-label={`Remove ${each.tag} from everybody`} onClick={() => change.mutate({ method: "DELETE", path: `/v1/tags/${encodeURIComponent(each.tag)}` })}>
                <IconTrash size={16} />
              </ActionIcon>
            </Entry>
          )}
        </List>
      </Part>
      {edited && <EditField field={edited === "new" ? null : edited} onClose={() => setEdited(null)} />}
      {renamed !== null && <RenameTag tag={renamed} onClose={() => setRenamed(null)} />}
    </>
  );
}

function EditField({ field, onClose }: { field: Field | null; onClose: () => void }) {
  const [label, setLabel] = useState(field?.label ?? "");
  const [type, setType] = useState(field?.type ?? "text");
  const change = useChange("fields");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const made = { key: keyOf(label), label: label.trim(), type };
    const wanted = field ? { method: "PATCH" as const, path: `/v1/fields/${field.id}`, body: { label: label.trim() } } : { method: "POST" as const, path: "/v1/fields", body: made };
    change.mutate(wanted, { onSuccess: onClose });
  };
  return (
    <Modal opened onClose={onClose} title={<Text fw={620}>{field ? "Rename the field" : "New field"}</Text>}>
      <form onSubmit={submit}>
        <Stack>
          <TextInput label="Name" placeholder="Monthly budget" required data-autofocus value={label} onChange={(event) => setLabel(event.target.value)} />
          {!field && <Select label="Kind of value" allowDeselect={false} data={TYPES} value={type} onChange={(value) => setType(value ?? "text")} />}
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

function RenameTag({ tag, onClose }: { tag: string; onClose: () => void }) {
  const [name, setName] = useState(tag);
  const change = useChange("tags", "contacts");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate({ method: "PATCH", path: `/v1/tags/${encodeURIComponent(tag)}`, body: { tag: name.trim() } }, { onSuccess: onClose });
  };
  return (
    <Modal opened onClose={onClose} title={<Text fw={620}>Rename the tag</Text>}>
      <form onSubmit={submit}>
        <Stack>
          <TextInput label="Name" description="Where another tag has this name, the two become one" required data-autofocus value={name} onChange={(event) => setName(event.target.value)} />
          <Group justify="flex-end">
            <Button type="submit" loading={change.isPending}>
              Rename
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
