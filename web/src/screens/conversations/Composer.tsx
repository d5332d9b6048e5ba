import { ActionIcon, Alert, Textarea } from "@mantine/core";
import { IconSend } from "@tabler/icons-react";
import { type KeyboardEvent, useState } from "react";

import { when } from "@/shared/time";

import styles from "./Conversations.module.css";
import { type Conversation, useConversationActions } from "./conversations";

/** Where an agent writes. Writing takes the conversation. */
export function Composer({ conversation }: { conversation: Conversation }) {
  const [text, setText] = useState("");
  const { say } = useConversationActions(conversation.id);
  const words = text.trim();
  const send = () => {
    if (words && !say.isPending) say.mutate(words, { onSuccess: () => setText("") });
  };
  const key = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };
  if (!conversation.window_open) {
    return (
      <Alert color="yellow" m="md" title="WhatsApp's 24 hours are over">
        Free text reaches this contact again after their next message. Until then a flow can send an approved template.
      </Alert>
    );
  }
  return (
    <div className={styles.composer}>
      <Textarea
        aria-label="Your answer"
        placeholder={conversation.owner === "AGENT" ? "Write an answer" : "Write an answer; the conversation is yours then"}
        autosize
        minRows={1}
        maxRows={8}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={key}
        description={conversation.window_until ? `WhatsApp takes free text until ${when(conversation.window_until)}` : undefined}
        inputWrapperOrder={["input", "description"]}
      />
      <ActionIcon size={36} variant="filled" color="iris" aria-label="Send" disabled={!words} loading={say.isPending} onClick={send}>
        <IconSend size={17} />
      </ActionIcon>
    </div>
  );
}
