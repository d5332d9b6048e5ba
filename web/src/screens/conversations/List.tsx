import { Avatar, Badge } from "@mantine/core";
import { Link } from "wouter";

import { Marked } from "@/shared/Marked";
import { ago } from "@/shared/time";

import styles from "./Conversations.module.css";
import type { Conversation } from "./conversations";

/** The conversations of a tab, the last active first. */
export function List({ conversations, open }: { conversations: readonly Conversation[]; open?: string }) {
  return (
    <ul className={styles.list}>
      {conversations.map((each) => (
        <li key={each.id}>
          <Link href={`/conversations/${each.id}`} className={styles.entry} aria-current={each.id === open ? "true" : undefined}>
            <Avatar name={nameOf(each)} color="initials" size={36} />
            <span className={styles.who}>
              <span className={styles.line}>
                <strong>{nameOf(each)}</strong>
                <time dateTime={each.last_activity_at ?? undefined}>{each.last_activity_at && ago(each.last_activity_at)}</time>
              </span>
              <span className={styles.line}>
                <span className={styles.preview}>{each.preview ? <Marked text={each.preview} /> : "…"}</span>
                <Owner conversation={each} />
              </span>
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

/** The contact's name, or what else is known. */
export function nameOf(conversation: Conversation): string {
  return conversation.contact?.name || conversation.contact?.phone || "Visitor";
}

const OWNERS: Record<Conversation["owner"], [string, string] | null> = {
  QUEUE: ["Waiting", "orange"],
  AGENT: ["With a person", "iris"],
  BOT: ["Bot", "gray"],
  NONE: null,
};

/** Who has the conversation, in a word. */
export function Owner({ conversation }: { conversation: Conversation }) {
  const owner = OWNERS[conversation.owner];
  if (owner) {
    return (
      <Badge size="sm" color={owner[1]} style={{ flex: "none" }}>
        {owner[0]}
      </Badge>
    );
  }
  return conversation.unhandled ? (
    <Badge size="sm" color="red" style={{ flex: "none" }}>
      Unanswered
    </Badge>
  ) : null;
}
