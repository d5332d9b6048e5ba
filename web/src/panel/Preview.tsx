import { Text } from "@mantine/core";
import { IconFile, IconList } from "@tabler/icons-react";

import { type Config, isObject, type Json } from "@/flow/document";

import styles from "./Preview.module.css";

const words = (value: Json | undefined) => (typeof value === "string" ? value : "");
const titles = (value: Json | undefined) => (Array.isArray(value) ? value.filter(isObject).map((each) => words(each.title)) : []);

/** How a message looks in a chat: by the fields that contents have, whatever step sends them. */
export function Preview({ config }: { config: Config }) {
  const text = words(config.text);
  const buttons = titles(config.buttons);
  const list = isObject(config.list) ? config.list : null;
  const rows = Array.isArray(list?.sections) ? list.sections.filter(isObject).flatMap((each) => titles(each.rows)) : [];
  if (!text && !buttons.length && !list && !isObject(config.media)) return null;
  return (
    <figure className={styles.phone} aria-label="Preview">
      <div className={styles.bubble}>
        {isObject(config.media) && (
          <span className={styles.media}>
            <IconFile size={22} stroke={1.4} /> {words(config.media.kind) || "File"}
          </span>
        )}
        {words(config.header) && <strong>{words(config.header)}</strong>}
        <p>{marked(text)}</p>
        {words(config.footer) && <small>{words(config.footer)}</small>}
      </div>
      {buttons.map((title, index) => (
        <span key={index} className={styles.button}>
          {title}
        </span>
      ))}
      {list && (
        <>
          <span className={styles.button}>
            <IconList size={15} /> {words(list.button) || "Choose"}
          </span>
          {rows.length > 0 && (
            <span className={styles.rows}>
              {rows.map((title, index) => (
                <span key={index}>{title}</span>
              ))}
            </span>
          )}
        </>
      )}
      <Text component="figcaption" size="xs" c="dimmed" mt={6}>
        As it looks in the chat
      </Text>
    </figure>
  );
}

const MARKS = /(\{\{.*?\}\}|\*[^*\n]+\*|_[^_\n]+_)/g;

/** Merge fields as chips, *bold* and _italic_ as chats show them. */
function marked(text: string) {
  return text.split(MARKS).map((part, index) => {
    if (part.startsWith("{{")) return <mark key={index}>{part.slice(2, -2).split("|")[0]?.trim()}</mark>;
    if (/^\*.+\*$/s.test(part)) return <b key={index}>{part.slice(1, -1)}</b>;
    if (/^_.+_$/s.test(part)) return <i key={index}>{part.slice(1, -1)}</i>;
    return part;
  });
}
