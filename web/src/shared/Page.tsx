import { Title } from "@mantine/core";
import type { ReactNode } from "react";

import styles from "./Page.module.css";

/** A page's frame: its name, what one can do there, and its content. */
export function Page({ title, actions, wide, children }: { title: string; actions?: ReactNode; wide?: boolean; children: ReactNode }) {
  return (
    <div className={styles.page} data-wide={wide || undefined}>
      <header className={styles.head}>
        <Title order={1}>{title}</Title>
        <div className={styles.actions}>{actions}</div>
      </header>
      {children}
    </div>
  );
}
