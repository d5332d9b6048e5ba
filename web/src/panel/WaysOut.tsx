import { Text } from "@mantine/core";
import { IconArrowRight, IconX } from "@tabler/icons-react";

import { knownPorts, withUsed } from "@/canvas/ports";
import { useViewStore } from "@/canvas/view";
import type { FlowEdge } from "@/flow/document";
import { disconnect } from "@/flow/edit";
import { useFlow } from "@/flow/store";

import styles from "./WaysOut.module.css";

const NONE: readonly FlowEdge[] = [];
const UNWIRED: Record<string, string> = { error: "As the flow’s settings say", timeout: "As the flow’s settings say" };

/** Where each way out leads: the same edges as on the canvas, for keyboard and touch. */
export function WaysOut({ id }: { id: string }) {
  const known = useFlow((state) => knownPorts(state, id));
  const out = useFlow((state) => state.lookup.out.get(id) ?? NONE);
  const ports = withUsed(known, out);
  if (!ports.length) return null;
  return (
    <section aria-label="Ways out">
      <Text size="sm" fw={600} mb={6}>
        Ways out
      </Text>
      <ul className={styles.list}>
        {ports.map(({ id: port, label, kind }) => (
          <WayOut key={port} node={id} port={port} label={label} kind={kind} to={out.find((edge) => edge.port === port)?.to} />
        ))}
      </ul>
    </section>
  );
}

interface Props {
  node: string;
  port: string;
  label: string;
  kind: string;
  to: string | undefined;
}

function WayOut({ node, port, label, kind, to }: Props) {
  const view = useViewStore();
  const target = useFlow((state) => (to === undefined ? undefined : state.lookup.node.get(to)));
  const type = useFlow((state) => state.types.get(target?.type ?? ""));
  const edit = useFlow((state) => state.edit);
  const readOnly = useFlow((state) => state.readOnly);
  const name = target && (target.label || type?.label || target.type);
  return (
    <li className={styles.way} data-kind={kind}>
      <button type="button" className={styles.lead} disabled={readOnly} onClick={() => view.getState().set({ picking: { for: "connect", node, port } })} aria-label={`${label}: ${name ? `leads to ${name}` : "leads nowhere"}. Change`}>
        <span>{label}</span>
        <IconArrowRight size={14} aria-hidden />
        <span data-open={!name || undefined}>{name ?? UNWIRED[kind] ?? "The flow ends here"}</span>
      </button>
      {name && !readOnly && (
        <button type="button" className={styles.cut} aria-label={`Disconnect ${label}`} onClick={() => edit((document) => disconnect(document, new Set([`${node}/${port}`])))}>
          <IconX size={14} />
        </button>
      )}
    </li>
  );
}
