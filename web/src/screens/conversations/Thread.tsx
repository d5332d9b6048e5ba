import { ActionIcon, Anchor, Button, Group, Loader, Menu, Tooltip } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { IconArrowLeft, IconCheck, IconChevronDown, IconDots, IconRobot, IconUserSearch } from "@tabler/icons-react";
import { useLayoutEffect, useRef, useState } from "react";
import { Link, useLocation } from "wouter";

import { sentence } from "@/api/error";
import { useSession } from "@/api/session";
import { Empty } from "@/shared/Empty";
import { usePhone, useRoomy } from "@/shared/width";

import { AboutBeside, AboutOver } from "./About";
import { Bubbles } from "./Bubbles";
import { Composer } from "./Composer";
import styles from "./Conversations.module.css";
import { colleagues, conversation, teams, thread, useConversationActions } from "./conversations";
import { nameOf, Owner } from "./List";

/** One conversation: what was said, who has it, and what to do next. `about`: what is known of the contact is open, where that
 * is a page of its own. */
export function Thread({ id, about }: { id: string; about: boolean }) {
  const { data: it, error } = useQuery(conversation(id));
  const { data: messages } = useQuery(thread(id));
  const me = useSession().data?.user_id ?? null;
  const { act } = useConversationActions(id);
  const end = useRef<HTMLDivElement>(null);
  const [beside, setBeside] = useState(true);
  const [, go] = useLocation();
  const roomy = useRoomy();
  const phone = usePhone();
  const count = messages?.length ?? 0;
  const shown = it !== undefined;
  useLayoutEffect(() => {
    void end.current?.scrollIntoView({ block: "end" });
  }, [count, shown]);
  if (error) return <Empty title="This conversation can't be shown" text={sentence(error)} action={{ label: "Back", to: "/conversations" }} />;
  if (!it) return <Loader size="sm" m="xl" />;
  const mine = it.owner === "AGENT" && it.agent_id === me;
  const working = it.owner === "AGENT" || it.owner === "QUEUE";
  const open = roomy ? beside : about;
  const show = (wanted: boolean) => (roomy ? setBeside(wanted) : go(`/conversations/${id}${wanted ? "/about" : ""}`, { replace: !wanted }));
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
        <Group gap={8} wrap="nowrap">
          {it.contact && (
            <Tooltip label="Tags and notes">
              <ActionIcon size={30} variant={open ? "light" : "subtle"} color={open ? "iris" : "gray"} aria-label="Tags and notes" aria-pressed={open} onClick={() => show(!open)}>
                <IconUserSearch size={17} />
              </ActionIcon>
            </Tooltip>
          )}
          {!mine && me && (
            <Button size="xs" loading={act.isPending} onClick={() => act.mutate({ word: "claim", body: { force: it.owner === "AGENT" } })}>
              {it.owner === "AGENT" ? "Take over" : "Take it"}
            </Button>
          )}
          {working && <HandOn id={id} phone={phone} />}
          {working && !phone && (
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
        {it.contact && roomy && beside && <AboutBeside id={it.contact.id} onClose={() => show(false)} />}
        {it.contact && !roomy && <AboutOver id={it.contact.id} open={about} phone={phone} onClose={() => show(false)} />}
      </div>
    </>
  );
}

const CHANNELS: Record<string, string> = { webchat: "Web chat", whatsapp: "WhatsApp" };

/** To whom it can be given. On a phone the bot is among them. */
function HandOn({ id, phone }: { id: string; phone: boolean }) {
  const { act } = useConversationActions(id);
  const { data: people } = useQuery(colleagues);
  const { data: groups } = useQuery(teams);
  const me = useSession().data?.user_id;
  return (
    <Menu position="bottom-end" width={230}>
      <Menu.Target>
        {phone ? (
          <ActionIcon size={30} aria-label="Hand on">
            <IconDots size={18} />
          </ActionIcon>
        ) : (
          <Button size="xs" variant="default" rightSection={<IconChevronDown size={14} />}>
            Hand on
          </Button>
        )}
      </Menu.Target>
      <Menu.Dropdown>
        {phone && (
          <Menu.Item leftSection={<IconRobot size={15} />} onClick={() => act.mutate({ word: "return" })}>
            Return to the bot
          </Menu.Item>
        )}
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
