import { Tooltip, UnstyledButton } from "@mantine/core";
import { IconMessages, IconRoute2, IconSettings, IconUsers, type Icon } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Link, useLocation } from "wouter";

import { useSession } from "@/api/session";

import { AccountMenu } from "./AccountMenu";
import logo from "./logo.svg";
import styles from "./Shell.module.css";

interface Place {
  to: string;
  label: string;
  icon: Icon;
  for?: "editors";
}

const PLACES: readonly Place[] = [
  { to: "/flows", label: "Flows", icon: IconRoute2, for: "editors" },
  { to: "/contacts", label: "Contacts", icon: IconUsers },
  { to: "/conversations", label: "Conversations", icon: IconMessages },
];

/** The frame around every page: where one can go, and who is here. */
export function Shell({ children }: { children: ReactNode }) {
  const session = useSession().data ?? null;
  const places = PLACES.filter((place) => !place.for || session?.role !== "agent");
  return (
    <div className={styles.shell}>
      <a className={styles.skip} href="#main">
        Skip to content
      </a>
      <nav className={styles.side} aria-label="Main">
        <Link to="/" className={styles.logo} aria-label="PostDog">
          <img src={logo} width={34} height={34} alt="" />
        </Link>
        {places.map(({ to, label, icon }) => (
          <Item key={to} to={to} label={label} icon={icon} />
        ))}
        <span className={styles.spring} style={{ flex: 1 }} />
        <Item to="/settings" label="Settings" icon={IconSettings} />
        <AccountMenu session={session} />
      </nav>
      <main id="main" className={styles.main}>
        {children}
      </main>
    </div>
  );
}

function Item({ to, label, icon: Picture }: Place) {
  const [place] = useLocation();
  const active = place === to || place.startsWith(`${to}/`) || undefined;
  return (
    <Tooltip label={label} position="right">
      <UnstyledButton component={Link} to={to} className={styles.item} data-active={active} aria-label={label} aria-current={active && "page"}>
        <Picture size={22} stroke={1.6} />
      </UnstyledButton>
    </Tooltip>
  );
}
