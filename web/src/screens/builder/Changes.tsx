import { Text } from "@mantine/core";

import type { FlowDocument } from "@/flow/document";
import type { Change } from "@/flow/operation";
import { useFlowStore } from "@/flow/store";

import styles from "./Changes.module.css";
import { inWords } from "./words";

interface Props {
  changes: readonly Change[];
  before?: FlowDocument;
  after: FlowDocument;
}

const SIGNS = { added: "+", removed: "−", changed: "~" } as const;

/** What differs between two documents, in words. */
export function Changes({ changes, before, after }: Props) {
  const { types } = useFlowStore().getState();
  if (!changes.length)
    return (
      <Text size="sm" c="dimmed">
        Nothing but where steps stand.
      </Text>
    );
  const order = { node: 0, edge: 1, variable: 2, head: 3, language: 4, translation: 5, note: 6, place: 7 };
  return (
    <ul className={styles.list} aria-label="Changes">
      {[...changes]
        .sort((a, b) => order[a.kind] - order[b.kind])
        .map((change) => {
          const sort = change.from === undefined ? "added" : change.to === undefined ? "removed" : "changed";
          const { title, details } = inWords(change, types, before ? [after, before] : [after]);
          return (
            <li key={`${change.kind} ${change.id}`} data-sort={sort}>
              <span aria-label={sort}>{SIGNS[sort]}</span>
              <span>
                {title}
                {details.map((detail) => (
                  <small key={detail}>{detail}</small>
                ))}
              </span>
            </li>
          );
        })}
    </ul>
  );
}
