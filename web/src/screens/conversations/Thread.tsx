import { ActionIcon, Anchor, Button, Group, Loader, Menu, Tooltip } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { IconArrowLeft, IconCheck, IconChevronDown, IconRobot, IconUserSearch } from "@tabler/icons-react";
import { useLayoutEffect, useRef, useState } from "react";
import { Link } from "wouter";

import { sentence } from "@/api/error";
import { useSession } from "@/api/session";
import { Empty } from "@/shared/Empty";

import { About } from "./About";
import { Bubbles } from "./Bubbles";
import { Composer } from "./Composer";
import styles from "./Conversations.module.css";
import { colleagues, conversation, teams, thread, useConversationActions } from "./conversations";
import { nameOf, Owner } from "./List";

/** From this width on there is room for what is known of the contact beside the messages. */
const ROOM_PX = 1280;

/** One conversation: what was said, who has it, and what to do next. */
export function Thread({ id }: { id: string }) {
  const { data: it, error } = useQuery(conversation(id));
  const { data: messages } = useQuery(thread(id));
  const me = useSession().data?.user_id ?? null;
  const { act } = useConversationActions(id);
  const end = useRef<HTMLDivElement>(null);
  const [about, setAbout] = useState(() => window.innerWidth >= ROOM_PX);
  const count = messages?.length ?? 0;
  useLayoutEffect(() => {
    void end.current?.scrollIntoView({ block: "end" });
  }, [count]);
  if (error) return <Empty title="This conversation can't be shown" text={sentence(error)} action={{ label: "Back", to: "/conversations" }} />;
  if (!it) return <Loader size="sm" m="xl" />;
  const mine = it.owner === "AGENT" && it.agent_id === me;
  const working = it.owner === "AGENT" || it.owner === "QUEUE";
  return (
    <>
      <header className={styles.head}>
        <ActionIcon component={Link} to="/conversations" aria-label="Back to the list" className={styles.back}>
          <IconArrowLeft size={18} />
        </ActionIcon>
        <div className={styles.name}>
          <h2>
            {it.contact ? (
              <Anchor component={Link} to={`/contacts/${it.contact.id}`} c="inherit">
                {nameOf(it)}
              </Anchor>
            ) : (
              nameOf(it)
            )}
          </h2>
          <Group gap={6}>
            <span className={styles.kind}>{CHANNELS[it.channel_kind] ?? it.channel_kind}</span>
            <Owner conversation={it} />
          </Group>
        </div>
        <Group gap={8}>
          {it.contact && (
            <Tooltip label="Tags and notes">
              <ActionIcon size={30} variant={about ? "light" : "subtle"} color={about ? "iris" : "gray"} aria-label="Tags and notes" aria-pressed={about} onClick={() => setAbout(!about)}>
                <IconUserSearch size={17} />
              </ActionIcon>
            </Tooltip>
          )}
          {!mine && me && (
            <Button size="xs" loading={act.isPending} onClick={() => act.mutate({ word: "claim", body: { force: it.owner === "AGENT" } })}>
              {it.owner === "AGENT" ? "Take over" : "Take it"}
            </Button>
          )}
          {working && <HandOn id={id} />}
          {working && (
            <Tooltip label="The flow goes on where it stopped">
              <Button size="xs" variant="default" leftSection={<IconRobot size={15} />} onClick={() => act.mutate({ word: "return" })}>
                Return to the bot
              </Button>
            </Tooltip>
          )}
          {working && (
            <Button size="xs" variant="light" color="teal" leftSection={<IconCheck size={15} />} onClick={() => act.mutate({ word: "resolve" })}>
              Resolve
            </Button>
          )}
        </Group>
      </header>
      <div className={styles.work}>
        <div className={styles.talk}>
          <div className={styles.messages} role="log" aria-label="Messages" tabIndex={0}>
            {messages && <Bubbles messages={messages} />}
            <div ref={end} />
          </div>
          <Composer conversation={it} />
        </div>
        {about && it.contact && <About id={it.contact.id} onClose={() => setAbout(false)} />}
      </div>
    </>
  );
}

const CHANNELS: Record<string, string> = { webchat: "Web chat", whatsapp: "WhatsApp" };

function HandOn({ id }: { id: string }) {
  const { act } = useConversationActions(id);
  const { data: people } = useQuery(colleagues);
  const { data: groups } = useQuery(teams);
  const me = useSession().data?.user_id;
  return (
    <Menu position="bottom-end" width={230}>
      <Menu.Target>
        <Button size="xs" variant="default" rightSection={<IconChevronDown size={14} />}>
          Hand on
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>To a team's queue</Menu.Label>
        {groups?.map((team) => (
          <Menu.Item key={team.id} onClick={() => act.mutate({ word: "transfer", body: { team_id: team.id } })}>
            {team.name}
          </Menu.Item>
        ))}
        <Menu.Label>To a colleague</Menu.Label>
        {people
          ?.filter((person) => person.id !== me)
          .map((person) => (
            <Menu.Item key={person.id} onClick={() => act.mutate({ word: "transfer", body: { agent_id: person.id } })}>
              {person.name || person.email}
            </Menu.Item>
          ))}
        {people?.length === 1 && <Menu.Item disabled>Nobody else works here yet</Menu.Item>}
      </Menu.Dropdown>
    </Menu>
  );
}
