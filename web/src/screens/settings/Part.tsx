import { Text } from "@mantine/core";
import type { ReactNode } from "react";

import { Loaded } from "@/shared/Loaded";

import styles from "./Settings.module.css";

/** A part of the settings: what it is called, what it is for, and its content. */
export function Part({ title, about, action, children }: { title: string; about?: ReactNode; action?: ReactNode; children: ReactNode }) {
  return (
    <section className={styles.part} aria-label={title}>
      <div className={styles.title}>
        <h2>{title}</h2>
        {action}
      </div>
      {about && <p className={styles.about}>{about}</p>}
      {children}
    </section>
  );
}

/** Rows in a card. */
export function Rows({ children }: { children: ReactNode }) {
  return <div className={`${styles.card} ${styles.rows}`}>{children}</div>;
}

interface ListProps<T> {
  query: { data: readonly T[] | undefined; error: unknown; refetch: () => unknown };
  what: string;
  /** What stands there while there is none. */
  none?: string;
  children: (each: T) => ReactNode;
}

/** A list of a part: a row for each, or why there is none. */
export function List<T>({ query, what, none, children }: ListProps<T>) {
  return (
    <Loaded query={query} what={what}>
      {(data) => (data.length ? <Rows>{data.map(children)}</Rows> : <Text c="dimmed">{none}</Text>)}
    </Loaded>
  );
}

interface EntryProps {
  picture?: ReactNode;
  name: ReactNode;
  about?: ReactNode;
  children?: ReactNode;
}

/** A thing of a list: what it is called, what is to be known of it, and what can be done with it. */
export function Entry({ picture, name, about, children }: EntryProps) {
  return (
    <div className={styles.row}>
      {picture}
      <div className={styles.grow}>
        <Text fw={560}>{name}</Text>
        {about && (
          <Text component="div" size="xs" c="dimmed">
            {about}
          </Text>
        )}
      </div>
      <div className={styles.side}>{children}</div>
    </div>
  );
}

export function Row({ children }: { children: ReactNode }) {
  return <div className={styles.row}>{children}</div>;
}

export function Grow({ children }: { children: ReactNode }) {
  return <div className={styles.grow}>{children}</div>;
}

export function Card({ children }: { children: ReactNode }) {
  return <div className={styles.card}>{children}</div>;
}
