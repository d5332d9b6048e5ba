import { Text } from "@mantine/core";
import { IconCheck, IconClock, IconFile, IconMapPin, IconX } from "@tabler/icons-react";
import { Fragment, useEffect, useRef } from "react";

import { Marked } from "@/shared/Marked";

import { type Called, type Emitted, type Notified, type Said, useSimulation } from "./simulation";
import styles from "./Test.module.css";

interface Button {
  id?: string;
  title?: string;
}
interface Section {
  title?: string;
  rows?: Button[];
}

const A_WHILE_MS = 60_000;

/** What was said, with the time that passed between. */
export function Chat() {
  const said = useSimulation((state) => state.said);
  const called = useSimulation((state) => state.called);
  const told = useSimulation((state) => state.told);
  const frame = useSimulation((state) => state.frame);
  const end = useRef<HTMLDivElement>(null);
  useEffect(() => {
    end.current?.scrollIntoView({ block: "end" });
  }, [said, called, told, frame?.now]);
  const lines = [...said, ...called, ...told].sort((one, other) => byId(one.id, other.id));
  return (
    <div className={styles.chat} role="log" aria-label="Conversation" aria-live="polite">
      {!lines.length && (
        <Text size="sm" c="dimmed" ta="center" m="auto" maw={250}>
          Write as the contact would, or start the flow by hand. Nothing is really sent.
        </Text>
      )}
      {lines.map((each, index) => (
        <Fragment key={each.id}>
          {(!index || Date.parse(each.at) - Date.parse(lines[index - 1]?.at ?? each.at) > A_WHILE_MS) && <span className={styles.time}>{moment(each.at)}</span>}
          {"voice" in each ? <Bubble said={each} /> : "asked" in each ? <Call called={each} /> : <Told told={each} />}
        </Fragment>
      ))}
      {frame?.run && <Standing />}
      <div ref={end} />
    </div>
  );
}

/** Ids grow with time, and have more digits than a number keeps. */
const byId = (one: string, other: string) => one.length - other.length || (one < other ? -1 : 1);

/** A call of the flow: what was asked, and what it answered. */
function Call({ called }: { called: Called }) {
  return (
    <span className={styles.standing} title={JSON.stringify(called.data, null, 2)}>
      {called.label} asks: {called.asked}
      {called.answer !== null && <> → {called.answer}</>}
    </span>
  );
}

/** What somebody outside would have been told. */
function Told({ told }: { told: Emitted | Notified }) {
  if ("event" in told)
    return (
      <span className={styles.standing} title={JSON.stringify(told.data, null, 2)}>
        {told.label} tells your systems: {told.event}
      </span>
    );
  return (
    <span className={styles.standing}>
      {told.label} tells {told.address ?? "the team"}: {told.text}
    </span>
  );
}

function Bubble({ said }: { said: Said }) {
  const content = said.content as { type: string; text?: string; title?: string; caption?: string; header?: string; footer?: string; button?: string; buttons?: Button[]; sections?: Section[]; name?: string };
  const rows = content.sections?.flatMap((each) => each.rows ?? []) ?? [];
  const text = content.text ?? content.title ?? content.caption ?? "";
  return (
    <div className={styles.line} data-mine={said.voice === "contact" || undefined} data-human={said.voice === "human" || undefined}>
      <div className={styles.bubble}>
        {content.type === "location" && (
          <span className={styles.thing}>
            <IconMapPin size={16} /> {content.name || "A place on the map"}
          </span>
        )}
        {["image", "video", "audio", "document", "media"].includes(content.type) && (
          <span className={styles.thing}>
            <IconFile size={16} /> {content.type}
          </span>
        )}
        {content.type === "template" && <small>Template {content.name}</small>}
        {content.header && <strong>{content.header}</strong>}
        {text && <span className={styles.words}><Marked text={text} /></span>}
        {content.footer && <small>{content.footer}</small>}
        {[...(content.buttons ?? []), ...rows].map((each, index) => (
          <span key={index} className={styles.tap}>
            {each.title}
          </span>
        ))}
      </div>
      {said.voice !== "contact" && <State said={said} />}
    </div>
  );
}

function State({ said }: { said: Said }) {
  if (said.status === "failed")
    return (
      <span className={styles.state} data-bad>
        <IconX size={12} /> not delivered{said.code ? ` (${said.code})` : ""}
      </span>
    );
  if (said.status === "queued")
    return (
      <span className={styles.state}>
        <IconClock size={12} />
      </span>
    );
  return (
    <span className={styles.state} title={said.status}>
      {said.voice === "human" ? "agent" : ""} <IconCheck size={12} />
    </span>
  );
}

/** Where the run stands: what it waits for, or how it ended. */
function Standing() {
  const run = useSimulation((state) => state.frame?.run);
  const owner = useSimulation((state) => state.frame?.owner);
  if (!run) return null;
  const waits: Record<string, string> = { reply: "Waits for an answer", agent: "Waits for a person", event: `Waits for the event ${run.wait?.event ?? ""}`, duration: "Waits", until: "Waits", message: "Waits for delivery", call: "Waits for what the call answers" };
  const until = run.wait?.until ? `, until ${moment(run.wait.until)}` : "";
  const words = run.wait ? `${waits[run.wait.kind] ?? "Waits"}${until}` : `Ended: ${run.status}${run.reason ? `, ${run.reason}` : ""}`;
  return (
    <span className={styles.standing} data-ended={!run.wait || undefined}>
      {owner === "AGENT" ? "A person has the conversation. " : ""}
      {words}
      {run.flow ? ` in “${run.flow}”` : ""}
    </span>
  );
}

const FORM = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });

export const moment = (instant: string): string => FORM.format(new Date(instant));
