import { Alert, Badge, Button, Group, Modal, Select, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { IconPlus } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";

import type { Model } from "@/api/client";

import { Entry, List, Part } from "./Part";
import { listOf, useChange } from "./resource";

type Template = Model<"Template">;

const templateList = listOf<Template>("/v1/templates", "templates");
const COLOURS: Record<string, string> = { approved: "teal", rejected: "red", paused: "orange", disabled: "red", pending: "yellow" };
const CATEGORIES = [
  { value: "UTILITY", label: "Utility: about an order or a booking" },
  { value: "MARKETING", label: "Marketing: offers and news" },
  { value: "AUTHENTICATION", label: "Authentication: one-time codes" },
];

/** WhatsApp's approved messages: the only ones that open a conversation. */
export function Templates() {
  const templates = useQuery(templateList);
  const [edited, setEdited] = useState<Template | "new" | null>(null);
  return (
    <Part
      title="Templates"
      about="WhatsApp takes only an approved template where a contact has not written for 24 hours."
      action={
        <Button leftSection={<IconPlus size={16} />} onClick={() => setEdited("new")}>
          New template
        </Button>
      }
    >
      <List query={templates} what="The templates" none="There is no template yet.">
        {(template) => (
          <Entry
            key={template.id}
            name={
              <>
                {template.name}{" "}
                <Text span c="dimmed" size="sm">
                  {template.language}
                </Text>
              </>
            }
            about={
              <>
                <Text inherit lineClamp={2}>
                  {template.body}
                </Text>
                {template.reason && (
                  <Text inherit c="red">
                    {template.reason}
                  </Text>
                )}
              </>
            }
          >
            <Badge color={COLOURS[template.status] ?? "gray"} tt="capitalize">
              {template.status}
            </Badge>
            <Button size="xs" variant="default" onClick={() => setEdited(template)} aria-label={`Change ${template.name}`}>
              Change
            </Button>
          </Entry>
        )}
      </List>
      {edited && <EditTemplate template={edited === "new" ? null : edited} onClose={() => setEdited(null)} />}
    </Part>
  );
}

function EditTemplate({ template, onClose }: { template: Template | null; onClose: () => void }) {
  const [name, setName] = useState(template?.name ?? "");
  const [language, setLanguage] = useState(template?.language ?? "en");
  const [category, setCategory] = useState<string>(template?.category ?? "UTILITY");
  const [text, setText] = useState(template?.body ?? "");
  const [footer, setFooter] = useState(template?.footer ?? "");
  const [status, setStatus] = useState<string | null>(template?.status ?? null);
  const change = useChange("templates");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const content = { category, body: text, footer };
    const changed = status !== template?.status ? { status } : content;
    const wanted = template
      ? { method: "PATCH" as const, path: `/v1/templates/${template.id}`, body: changed }
      : { method: "POST" as const, path: "/v1/templates", body: { name: name.trim(), language, ...content } };
    change.mutate(wanted, { onSuccess: onClose });
  };
  return (
    <Modal opened onClose={onClose} size="lg" title={<Text fw={620}>{template ? template.name : "New template"}</Text>}>
      <form onSubmit={submit}>
        <Stack>
          {!template && (
            <Group grow align="flex-start">
              <TextInput label="Name" description="Small letters, digits and _" placeholder="order_confirmation" required data-autofocus value={name} onChange={(event) => setName(event.target.value)} />
              <TextInput label="Language" description="Such as en or pt_BR" required value={language} onChange={(event) => setLanguage(event.target.value)} />
            </Group>
          )}
          <Select label="Category" allowDeselect={false} data={CATEGORIES} value={category} onChange={(value) => setCategory(value ?? "UTILITY")} />
          <Textarea label="Text" description="{{1}}, {{2}}, … are filled in with each message" required autosize minRows={4} value={text} onChange={(event) => setText(event.target.value)} />
          <TextInput label="Footer" maxLength={60} value={footer} onChange={(event) => setFooter(event.target.value)} />
          {template?.warnings.map((warning) => (
            <Alert key={warning} color="yellow">
              {warning}
            </Alert>
          ))}
          {template && (
            <Select
              label="State"
              description="As WhatsApp Manager shows it: enter the same text there, and its answer here"
              data={["draft", "pending", "approved", "rejected", "paused", "disabled"]}
              allowDeselect={false}
              value={status}
              onChange={setStatus}
            />
          )}
          <Group justify="space-between">
            {template ? (
              <Button variant="subtle" color="red" onClick={() => change.mutate({ method: "DELETE", path: `/v1/templates/${template.id}` }, { onSuccess: onClose })}>
                Delete
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
