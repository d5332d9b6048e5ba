import { Tooltip } from "@mantine/core";
import { IconAlertCircle, IconCheck, IconChecks, IconClock } from "@tabler/icons-react";

import { Said } from "@/shared/Said";
import { shortly, when } from "@/shared/time";

import styles from "./Conversations.module.css";
import type { Message } from "./conversations";

const VOICES: Record<string, string> = { bot: "Bot", notice: "Bot", system: "System", human: "Agent" };

/** What was said, oldest first. */
export function Bubbles({ messages }: { messages: readonly Message[] }) {
  return messages.map((each) => (
    <article key={each.id} className={styles.bubble} data-side={each.direction} data-voice={each.voice ?? undefined}>
      <Said content={each.content} />
      <footer>
        {each.direction === "out" && <span>{VOICES[each.voice ?? ""] ?? each.voice}</span>}
        <time dateTime={each.created_at} title={when(each.created_at)}>
          {shortly(each.created_at)}
        </time>
        {each.direction === "out" && <Status message={each} />}
      </footer>
    </article>
  ));
}

function Status({ message }: { message: Message }) {
  if (message.error) {
    return (
      <Tooltip label={message.error.message || message.error.code}>
        <span className={styles.failed}>
          <IconAlertCircle size={14} aria-hidden /> Not delivered
        </span>
      </Tooltip>
    );
  }
  if (message.read_at) return <IconChecks size={14} color="var(--accent)" aria-label="Read" />;
  if (message.delivered_at) return <IconChecks size={14} aria-label="Delivered" />;
  if (message.sent_at) return <IconCheck size={14} aria-label="Sent" />;
  return <IconClock size={13} aria-label="Waits to be sent" />;
}
