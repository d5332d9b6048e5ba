import { Anchor, Title } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Link } from "wouter";

import styles from "./Page.module.css";

interface Props {
  title: string;
  /** The list that it stands in. */
  back?: { label: string; to: string };
  actions?: ReactNode;
  wide?: boolean;
  children: ReactNode;
}

/** A page's frame: its name, what one can do there, and its content. */
export function Page({ title, back, actions, wide, children }: Props) {
  return (
    <div className={styles.page} data-wide={wide || undefined}>
      {back && (
        <Anchor component={Link} to={back.to} size="sm" className={styles.back}>
          <IconArrowLeft size={14} /> {back.label}
        </Anchor>
      )}
      <header className={styles.head}>
        <Title order={1}>{title}</Title>
        <div className={styles.actions}>{actions}</div>
      </header>
      {children}
    </div>
  );
}
