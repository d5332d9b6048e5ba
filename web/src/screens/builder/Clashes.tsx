import { Alert, Button, Group, Text } from "@mantine/core";
import { IconUsers } from "@tabler/icons-react";

import type { Clash } from "@/flow/operation";
import { apply } from "@/flow/operation";
import { useFlow, useFlowStore } from "@/flow/store";
import { languageName } from "@/flow/translation";

import styles from "./Clashes.module.css";

const SHORT = 90;

/** Where somebody else changed the same thing meanwhile: both are shown, and which stands is chosen. */
export function Clashes() {
  const clashes = useFlow((state) => state.clashes);
  const store = useFlowStore();
  if (!clashes.length) return null;
  const settle = (clash: Clash, theirs: boolean) => {
    const { edit, set } = store.getState();
    if (theirs) edit((document) => apply(document, [{ kind: clash.kind, id: clash.id, from: clash.mine, to: clash.theirs }]));
    set({ clashes: store.getState().clashes.filter((each) => each !== clash) });
  };
  return (
    <div className={styles.clashes}>
      {clashes.map((clash) => (
        <Alert key={`${clash.kind} ${clash.id}`} color="orange" icon={<IconUsers size={18} />} title={`Somebody else changed ${name(clash)} too`}>
          <dl className={styles.both}>
            <dt>Yours</dt>
            <dd>{words(clash.mine)}</dd>
            <dt>Theirs</dt>
            <dd>{words(clash.theirs)}</dd>
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
    </div>
  );

  function name({ kind, id }: Clash): string {
    const { lookup, types } = store.getState();
    if (kind === "language") return languageName(id);
    const [tag = "", place = ""] = id.split(" ");
    const node = lookup.node.get(kind === "edge" ? (id.split("/")[0] ?? "") : kind === "translation" ? (place.split("/")[2] ?? "") : id);
    if (!node) return kind === "variable" ? `the variable ${id}` : "the flow’s settings";
    const title = `“${node.label || types.get(node.type)?.label || node.type}”`;
    if (kind === "translation") return `${title} in ${languageName(tag)}`;
    return kind === "edge" ? `where ${title} leads` : title;
  }
}

function words(value: unknown): string {
  if (value === undefined) return "deleted";
  const whole = typeof value === "object" && value !== null && "config" in value ? value.config : value;
  const said = (whole as { text?: unknown } | null)?.text ?? value;
  const text = typeof said === "string" ? said : JSON.stringify(said);
  return text.length > SHORT ? `${text.slice(0, SHORT)}…` : text;
}
