import { useState } from "react";

import { useFlow } from "@/flow/store";

import styles from "./FlowName.module.css";

/** The flow's name, which is changed where it stands. */
export function FlowName() {
  const name = useFlow((state) => state.document.name);
  const edit = useFlow((state) => state.edit);
  const [draft, setDraft] = useState<string | null>(null);
  const take = () => {
    const next = draft?.trim();
    if (next && next !== name) edit((document) => ({ ...document, name: next }));
    setDraft(null);
  };
  return (
    <input
      className={styles.name}
      aria-label="Name of the flow"
      value={draft ?? name}
      maxLength={200}
      style={{ width: `calc(${Math.min(38, Math.max(8, (draft ?? name).length * 1.06))}ch + 20px)` }}
      onChange={(event) => setDraft(event.target.value)}
      onBlur={take}
      onKeyDown={(event) => {
        if (event.key === "Enter") event.currentTarget.blur();
        if (event.key === "Escape") setDraft(null);
      }}
    />
  );
}
