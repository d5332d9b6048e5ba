import type { ReactNode } from "react";

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

export function Row({ children }: { children: ReactNode }) {
  return <div className={styles.row}>{children}</div>;
}

export function Grow({ children }: { children: ReactNode }) {
  return <div className={styles.grow}>{children}</div>;
}

export function Card({ children }: { children: ReactNode }) {
  return <div className={styles.card}>{children}</div>;
}
