import { ActionIcon, Anchor, Avatar, Badge, Button, Group, Loader, Menu, Stack, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { IconDots, IconMessage, IconPlayerPlay } from "@tabler/icons-react";
import { useState } from "react";
import { Link, useLocation } from "wouter";

import { sentence } from "@/api/error";
import { useFresh } from "@/api/live";
import { useMayEdit } from "@/api/session";
import { liveFlows } from "@/screens/flows/flows";
import { Empty } from "@/shared/Empty";
import { Page } from "@/shared/Page";
import { Picker, type PickerItem } from "@/shared/Picker";
import { tell } from "@/shell/notice";

import styles from "./Contacts.module.css";
import { type Contact, contact, CONTACTS, conversationsOf, fieldList, nameOf, runsOf, useContactActions } from "./contacts";
import { Journey } from "./Journey";
import { Notes } from "./Notes";
import { Tags } from "./Tags";

/** One contact: what is known, what was said, and which flows were passed. */
export function Profile({ id }: { id: string }) {
  const { data: it, error } = useQuery(contact(id));
  const { data: runs } = useQuery(runsOf(id));
  const { data: conversations } = useQuery(conversationsOf(id));
  useFresh(["contact", "run"], [CONTACTS], 500);
  if (error) return <Empty title="This contact can't be shown" text={sentence(error)} action={{ label: "All contacts", to: "/contacts" }} />;
  if (!it) return <Loader size="sm" m="xl" />;
  return (
    <Page title={nameOf(it)} back={{ label: "All contacts", to: "/contacts" }} actions={<Actions contact={it} />}>
      <div className={styles.profile}>
        <div>
          <Facts key={it.updated_at} contact={it} />
          <div className={styles.card}>
            <Notes contact={id} />
          </div>
        </div>
        <div>
          <section className={styles.card} aria-label="Conversations">
            <Text fw={620} mb={8}>
              Conversations
            </Text>
            {conversations?.map((each) => (
              <Anchor key={each.id} component={Link} to={`/conversations/${each.id}`} display="block" py={6}>
                <IconMessage size={14} /> {each.preview || "Conversation"}
              </Anchor>
            ))}
            {conversations?.length === 0 && <Text c="dimmed">Nothing was said yet.</Text>}
          </section>
          <section className={styles.card} aria-label="Journey">
            <Text fw={620}>Journey</Text>
            {runs?.map((run) => <Journey key={run.id} run={run} contact={id} />)}
            {runs?.length === 0 && (
              <Text c="dimmed" mt={8}>
                No flow has run for this contact.
              </Text>
            )}
          </section>
        </div>
      </div>
    </Page>
  );
}

function Actions({ contact: it }: { contact: Contact }) {
  const mayEdit = useMayEdit();
  const [, go] = useLocation();
  const [choosing, setChoosing] = useState<{ x: number; y: number } | null>(null);
  const { data: flows = [] } = useQuery({ ...liveFlows, enabled: mayEdit });
  const { start, change, remove } = useContactActions(it.id);
  if (!mayEdit) return null;
  const close = () => setChoosing(null);
  const pick = (flow: PickerItem) => {
    close();
    start.mutate(flow.id, { onSuccess: () => tell(`“${flow.label}” has started`) });
  };
  return (
    <>
      <Button
        leftSection={<IconPlayerPlay size={15} />}
        loading={start.isPending}
        aria-haspopup="dialog"
        onClick={(event) => {
          const { left, bottom } = event.currentTarget.getBoundingClientRect();
          setChoosing({ x: left, y: bottom + 6 });
        }}
      >
        Start a flow
      </Button>
      {choosing && <Picker items={flows.map(({ id, name }) => ({ id, label: name }))} placeholder="Which flow?" label="Start a flow" empty={flows.length ? "Nothing found" : "No flow is live"} at={choosing} onPick={pick} onClose={close} />}
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon size={36} aria-label="More">
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => change.mutate({ opted_out: !it.opted_out })}>{it.opted_out ? "Has opted in again" : "Opt out: write no more"}</Menu.Item>
          <Menu.Item c="red" onClick={() => remove.mutate(undefined, { onSuccess: () => go("/contacts") })}>
            Delete with all messages
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  );
}

function Facts({ contact: it }: { contact: Contact }) {
  const { data: fields } = useQuery(fieldList);
  const mayEdit = useMayEdit();
  const { change } = useContactActions(it.id);
  const [name, setName] = useState(it.name ?? "");
  const [email, setEmail] = useState(it.email ?? "");
  const [values, setValues] = useState<Record<string, string>>({});
  const changed = name !== (it.name ?? "") || email !== (it.email ?? "") || Object.keys(values).length > 0;
  const save = () => {
    const typed = Object.entries(values).map(([key, value]) => [key, typedValue(value, fields?.find((each) => each.key === key)?.type)] as const);
    change.mutate({ ...(name.trim() && { name: name.trim() }), ...(email.trim() && { email: email.trim() }), fields: Object.fromEntries(typed) });
  };
  return (
    <section className={styles.card} aria-label="What is known">
      <Stack gap="sm">
        <Group>
          <Avatar name={nameOf(it)} color="initials" size={48} />
          <div>
            <Text fw={560}>{it.phone ?? "No phone number"}</Text>
            {it.opted_out && <Badge color="red">Opted out</Badge>}
          </div>
        </Group>
        <TextInput label="Name" readOnly={!mayEdit} value={name} onChange={(event) => setName(event.target.value)} />
        <TextInput label="E-mail" type="email" readOnly={!mayEdit} value={email} onChange={(event) => setEmail(event.target.value)} />
        <Tags contact={it} />
        {fields?.map((field) => (
          <TextInput
            key={field.key}
            label={field.label || field.key}
            readOnly={!mayEdit}
            value={values[field.key] ?? shownValue(it.fields[field.key])}
            onChange={(event) => setValues({ ...values, [field.key]: event.target.value })}
          />
        ))}
        {mayEdit && (
          <Button disabled={!changed} loading={change.isPending} onClick={save}>
            Save
          </Button>
        )}
      </Stack>
    </section>
  );
}

function shownValue(value: unknown): string {
  return value === null || value === undefined ? "" : String(value);
}

function typedValue(value: string, type?: string): unknown {
  if (!value.trim()) return null;
  if (type === "number" && Number.isFinite(Number(value))) return Number(value);
  if (type === "boolean" && /^(true|false)$/i.test(value.trim())) return value.trim().toLowerCase() === "true";
  return value;
}
