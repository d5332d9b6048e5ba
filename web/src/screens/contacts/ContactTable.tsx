import { Avatar, Badge, Button, Group, Pagination, Select, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { IconPlus, IconSearch, IconUsers } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "wouter";

import { useFresh } from "@/api/live";
import { useMayEdit } from "@/api/session";
import { Empty } from "@/shared/Empty";
import { Loaded } from "@/shared/Loaded";
import { Page } from "@/shared/Page";
import rows from "@/shared/Rows.module.css";
import { ago } from "@/shared/time";

import { AddContact } from "./AddContact";
import styles from "./Contacts.module.css";
import { type Contact, CONTACTS, contactList, nameOf, PAGE, tagList } from "./contacts";

const TYPING_MS = 200;
const SHOWN_TAGS = 3;

/** All contacts, to search and to filter by tag. */
export function ContactTable() {
  const [search, setSearch] = useState("");
  const [tag, setTag] = useState<string | null>(null);
  const [page, setPage] = useState(1);
  const [adding, setAdding] = useState(false);
  const [wanted] = useDebouncedValue(search.trim(), TYPING_MS);
  const list = useQuery(contactList(wanted, tag, page));
  const { data: tags } = useQuery(tagList);
  useFresh(["contact"], [CONTACTS], 2_000);
  const mayEdit = useMayEdit();
  const add = mayEdit && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>
      Add contact
    </Button>
  );
  return (
    <Page
      title="Contacts"
      actions={
        <>
          <TextInput
            aria-label="Search contacts"
            placeholder="Name, number or e-mail"
            leftSection={<IconSearch size={15} />}
            value={search}
            onChange={(event) => {
              setSearch(event.target.value);
              setPage(1);
            }}
            w={220}
          />
          <Select
            aria-label="Tag"
            placeholder="Any tag"
            clearable
            searchable
            w={150}
            data={tags?.map((each) => each.tag) ?? []}
            value={tag}
            onChange={(value) => {
              setTag(value);
              setPage(1);
            }}
          />
          {add}
        </>
      }
    >
      <Loaded query={list} what="The contacts">
        {(data) =>
          data.data.length ? (
            <>
              <Text size="sm" c="dimmed" mb={8}>
                {data.total === 1 ? "1 contact" : `${data.total.toLocaleString()} contacts`}
              </Text>
              <div className={rows.card}>
                {data.data.map((each) => (
                  <Row key={each.id} contact={each} />
                ))}
              </div>
              {data.total > PAGE && <Pagination mt="md" total={Math.ceil(data.total / PAGE)} value={page} onChange={setPage} />}
            </>
          ) : wanted || tag ? (
            <Empty title="Nobody fits" text="Search for a part of the name, number or address, or choose another tag." />
          ) : (
            <First add={add} />
          )
        }
      </Loaded>
      {adding && <AddContact onClose={() => setAdding(false)} />}
    </Page>
  );
}

function Row({ contact }: { contact: Contact }) {
  return (
    <div className={`${rows.row} ${styles.columns}`}>
      <Avatar name={nameOf(contact)} color="initials" size={34} />
      <div className={rows.cut}>
        <Link href={`/contacts/${contact.id}`} className={rows.link}>
          {nameOf(contact)}
        </Link>
        <Text size="xs" c="dimmed" truncate>
          {[contact.phone, contact.email].filter(Boolean).join(" · ") || "Wrote in the web chat"}
        </Text>
      </div>
      <Group gap={6} className={styles.wide}>
        {contact.opted_out && <Badge color="red">Opted out</Badge>}
        {contact.tags.slice(0, SHOWN_TAGS).map((tag) => (
          <Badge key={tag} color="gray">
            {tag}
          </Badge>
        ))}
        {contact.tags.length > SHOWN_TAGS && <Text size="xs">+{contact.tags.length - SHOWN_TAGS}</Text>}
      </Group>
      <span className={`${rows.quiet} ${styles.wide}`}>{ago(contact.updated_at)}</span>
    </div>
  );
}

function First({ add }: { add: React.ReactNode }) {
  return (
    <Empty
      picture={<IconUsers size={44} stroke={1.2} color="var(--accent)" />}
      title="Nobody is here yet"
      text="Whoever writes to you appears here by themselves. You can also add people by hand and start a flow for them."
    >
      {add}
    </Empty>
  );
}
