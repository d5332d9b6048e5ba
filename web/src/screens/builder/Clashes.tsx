import { Alert, Button, Group, Text } from "@mantine/core";
import { IconUsers } from "@tabler/icons-react";

import type { Clash } from "@/flow/operation";
import { apply } from "@/flow/operation";
import { useFlow, useFlowStore } from "@/flow/store";

import styles from "./Says.module.css";
import { inWords } from "./words";

/** Where somebody else changed the same thing meanwhile: both are shown, and which stands is chosen. */
export function Clashes() {
  const clashes = useFlow((state) => state.clashes);
  const store = useFlowStore();
  const settle = (clash: Clash, theirs: boolean) => {
    const { edit, set } = store.getState();
    if (theirs) edit((document) => apply(document, [{ kind: clash.kind, id: clash.id, from: clash.mine, to: clash.theirs }]));
    set({ clashes: store.getState().clashes.filter((each) => each !== clash) });
  };
  return (
    <>
      {clashes.map((clash) => (
        <Alert key={`${clash.kind} ${clash.id}`} color="orange" icon={<IconUsers size={18} />} title={`Somebody else changed “${wordsOf(clash, clash.mine ?? clash.base).title}” too`}>
          <dl className={styles.both}>
            <dt>Yours</dt>
            <dd>{lines(clash, clash.mine)}</dd>
            <dt>Theirs</dt>
            <dd>{lines(clash, clash.theirs)}</dd>
          </dl>
          <Group gap={8} mt={8}>
            <Button size="compact-sm" onClick={() => settle(clash, false)}>
              Keep yours
            </Button>
            <Button size="compact-sm" variant="default" onClick={() => settle(clash, true)}>
              Take theirs
            </Button>
            <Text size="xs" c="dimmed">
              Everything else was put together.
            </Text>
          </Group>
        </Alert>
      ))}
    </>
  );

  function wordsOf({ kind, id, base }: Clash, to: unknown) {
    const { types, document, saved } = store.getState();
    return inWords({ kind, id, from: base, to }, types, [document, saved]);
  }

  function lines(clash: Clash, to: unknown) {
    if (to === undefined) return "deleted";
    const { details } = wordsOf(clash, to);
    return details.length ? details.map((detail) => <span key={detail}>{detail}</span>) : clash.base === undefined ? "added" : "changed";
  }
}
