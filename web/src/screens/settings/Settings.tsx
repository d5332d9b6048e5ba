import { IconApi, IconClock, IconForms, IconKey, IconMessageCircle2, IconSparkles, IconTemplate, IconUser, IconUsersGroup, IconVariable, IconWebhook, IconWorld, type Icon } from "@tabler/icons-react";
import { lazy, type ComponentType, useEffect, useRef } from "react";
import { Link, Redirect, useRoute } from "wouter";

import { type Role, useSession } from "@/api/session";

import { Account } from "./account/Account";
import { Channels } from "./channels/Channels";
import { Fields } from "./Fields";
import { Keys } from "./Keys";
import { OpeningHours } from "./OpeningHours";
import { People } from "./people/People";
import styles from "./Settings.module.css";
import { Secrets } from "./Secrets";
import { Templates } from "./Templates";
import { Variables } from "./Variables";
import { Webhooks } from "./webhooks/Webhooks";
import { Workspace } from "./Workspace";

const Ai = lazy(() => import("./ai/Ai"));

interface Section {
  key: string;
  label: string;
  icon: Icon;
  for: readonly Role[];
  content: ComponentType;
}

const EDITORS: readonly Role[] = ["owner", "editor"];
const SECTIONS: readonly Section[] = [
  { key: "channels", label: "Channels", icon: IconMessageCircle2, for: EDITORS, content: Channels },
  { key: "people", label: "People and teams", icon: IconUsersGroup, for: EDITORS, content: People },
  { key: "fields", label: "Fields and tags", icon: IconForms, for: EDITORS, content: Fields },
  { key: "variables", label: "Variables", icon: IconVariable, for: EDITORS, content: Variables },
  { key: "hours", label: "Opening hours", icon: IconClock, for: EDITORS, content: OpeningHours },
  { key: "templates", label: "Templates", icon: IconTemplate, for: EDITORS, content: Templates },
  { key: "ai", label: "AI", icon: IconSparkles, for: EDITORS, content: Ai },
  { key: "secrets", label: "Secrets", icon: IconKey, for: EDITORS, content: Secrets },
  { key: "keys", label: "API keys", icon: IconApi, for: ["owner"], content: Keys },
  { key: "webhooks", label: "Webhooks", icon: IconWebhook, for: ["owner"], content: Webhooks },
  { key: "workspace", label: "Workspace", icon: IconWorld, for: EDITORS, content: Workspace },
  { key: "account", label: "Your account", icon: IconUser, for: ["owner", "editor", "agent"], content: Account },
];

/** Everything that is set up once, section by section. */
export default function Settings() {
  const [, params] = useRoute("/settings/:section");
  const { data: session } = useSession();
  const mine = SECTIONS.filter((section) => session && section.for.includes(session.role));
  const open = mine.find((section) => section.key === params?.section);
  const here = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    void here.current?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [open?.key]);
  if (!open) return mine[0] ? <Redirect to={`/settings/${mine[0].key}`} replace /> : null;
  return (
    <div className={styles.settings}>
      <nav className={styles.nav} aria-label="Settings">
        <h1>Settings</h1>
        {mine.map(({ key, label, icon: Picture }) => (
          <Link key={key} href={`/settings/${key}`} className={styles.place} ref={key === open.key ? here : undefined} aria-current={key === open.key ? "page" : undefined}>
            <Picture size={18} stroke={1.6} /> {label}
          </Link>
        ))}
      </nav>
      <div className={styles.content}>
        <open.content />
      </div>
    </div>
  );
}
