import { IconFile, IconList, IconMapPin } from "@tabler/icons-react";

import { Marked } from "./Marked";
import styles from "./Said.module.css";

interface Titled {
  title?: string;
}

/** What a message says, in the API's words. */
export interface Content {
  type?: string;
  text?: string;
  caption?: string;
  url?: string;
  media_id?: string;
  filename?: string;
  header?: string;
  footer?: string;
  button?: string;
  title?: string;
  emoji?: string;
  name?: string;
  latitude?: number;
  longitude?: number;
  buttons?: unknown;
  sections?: { rows?: Titled[] }[];
}

const MEDIA = ["image", "video", "audio", "document", "sticker"];

/** What a message says, as a chat shows it. */
export function Said({ content }: { content: Content }) {
  const text = content.text ?? content.caption ?? "";
  const rows = (content.sections ?? []).flatMap((section) => section.rows ?? []);
  return (
    <div className={styles.said}>
      {content.header && <strong>{content.header}</strong>}
      {MEDIA.includes(content.type ?? "") && <File content={content} />}
      {content.type === "location" && (
        <span className={styles.file}>
          <IconMapPin size={18} /> {content.name || `${content.latitude}, ${content.longitude}`}
        </span>
      )}
      {content.type === "choice" && <p>{content.title}</p>}
      {content.type === "reaction" && <p>{content.emoji || "Took a reaction back"}</p>}
      {content.type === "unsupported" && <p className={styles.quiet}>Something that can't be shown here</p>}
      {text && <p><Marked text={text} /></p>}
      {content.footer && <small>{content.footer}</small>}
      {titlesOf(content.buttons).map((title, index) => (
        <span key={index} className={styles.button}>
          {title}
        </span>
      ))}
      {rows.length > 0 && (
        <>
          <span className={styles.button}>
            <IconList size={15} style={{ flex: "none" }} /> {content.button}
          </span>
          <ul className={styles.rows}>
            {rows.map((row, index) => (
              <li key={index}>{row.title}</li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

/** The content in one line. */
export function inShort(content: Content): string {
  return content.text || content.caption || content.title || content.emoji || content.filename || content.type || "";
}

function titlesOf(buttons: unknown): string[] {
  return Array.isArray(buttons) ? buttons.map((button: Titled) => button.title ?? "") : [];
}

function File({ content }: { content: Content }) {
  const source = content.media_id ? `/v1/media/${content.media_id}/content` : content.url;
  const name = content.filename || `${content.type}`;
  if (source && (content.type === "image" || content.type === "sticker")) {
    return <img className={styles.image} src={source} alt={content.caption || "Picture"} loading="lazy" />;
  }
  return (
    <a className={styles.file} href={source} target="_blank" rel="noreferrer">
      <IconFile size={18} /> {name}
    </a>
  );
}
