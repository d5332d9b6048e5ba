import { Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { IconMessages } from "@tabler/icons-react";
import { useState } from "react";
import { useRoute } from "wouter";

import { useFresh } from "@/api/live";
import { useSession } from "@/api/session";
import { Empty } from "@/shared/Empty";
import { Loaded } from "@/shared/Loaded";

import styles from "./Conversations.module.css";
import { CONVERSATIONS, conversationList, type Show } from "./conversations";
import { List } from "./List";
import { Notices } from "./Notices";
import { Presence } from "./Presence";
import { Thread } from "./Thread";

const TABS: readonly [Show, string][] = [
  ["queue", "Queue"],
  ["mine", "Mine"],
  ["unanswered", "Unanswered"],
  ["all", "All"],
];

const NOTHING: Record<Show, string> = {
  queue: "Nobody is waiting. When a flow hands somebody over, they stand here.",
  mine: "You have no conversation. Take one from the queue.",
  unanswered: "Every message was answered by a flow or a person.",
  all: "Nobody has written yet.",
};

/** Where agents work: who waits, what was said, and what to answer. */
export default function Conversations() {
  const [, params] = useRoute("/conversations/:conversation/:part?");
  const open = params?.conversation;
  const me = useSession().data?.user_id ?? null;
  const [show, setShow] = useState<Show>("queue");
  const list = useQuery(conversationList(show, me));
  useFresh(["message", "conversation", "contact"], [CONVERSATIONS]);
  return (
    <div className={styles.desk} data-open={open ? true : undefined}>
      <section className={styles.side} aria-label="Conversations">
        <header className={styles.head}>
          <h1>Conversations</h1>
          <Notices />
          <Presence />
        </header>
        <Tabs value={show} onChange={(value) => setShow((value ?? "queue") as Show)} className={styles.tabs}>
          <Tabs.List>
            {TABS.map(([value, label]) => (
              <Tabs.Tab key={value} value={value}>
                {label}
              </Tabs.Tab>
            ))}
          </Tabs.List>
        </Tabs>
        <Loaded query={list} what="The conversations">
          {({ data }) => (data.length ? <List conversations={data} open={open} /> : <p className={styles.nothing}>{NOTHING[show]}</p>)}
        </Loaded>
      </section>
      <section className={styles.thread} aria-label="Conversation">
        {open ? (
          <Thread key={open} id={open} about={params?.part === "about"} />
        ) : (
          <Empty
            picture={<IconMessages size={44} stroke={1.2} color="var(--accent)" />}
            title="Choose a conversation"
            text="Whoever asks for a person stands in the queue. Take one, answer, and resolve it: the flow goes on."
          />
        )}
      </section>
    </div>
  );
}
