import { IconAlertTriangleFilled, IconPuzzleOff } from "@tabler/icons-react";
import { Handle, type NodeProps, Position, useUpdateNodeInternals } from "@xyflow/react";
import { memo, useCallback, useEffect, useRef } from "react";

import type { Finding, PortShown } from "@/api/flow";
import { cardText } from "@/flow/card";
import type { Config, FlowEdge } from "@/flow/document";
import { useFlow } from "@/flow/store";

import { Place, useFar } from "./far";
import { useSpokenConfig } from "./language";
import { iconOf, PORT_WORDS, tint } from "./look";
import { useNames } from "./names";
import styles from "./NodeCard.module.css";
import { knownPorts, withUsed } from "./ports";
import { stepNamed } from "./step";
import { type CardNode, useView, useViewStore } from "./view";

const NO_EDGES: readonly FlowEdge[] = [];
const NO_CONFIG: Config = {};

/** A node as its type describes it: icon, name, what it says or does, and its ways out. */
export const NodeCard = memo(function NodeCard({ id, selected }: NodeProps<CardNode>) {
  const node = useFlow((state) => state.lookup.node.get(id));
  const type = useFlow((state) => state.types.get(node?.type ?? ""));
  const known = useFlow((state) => knownPorts(state, id));
  const out = useFlow((state) => state.lookup.out.get(id) ?? NO_EDGES);
  const paint = useFlow((state) => state.paint?.nodes.get(id));
  const painted = useFlow((state) => state.paint !== null);
  const config = useSpokenConfig(id);
  const step = useFlow((state) => stepNamed(state, id));
  const names = useNames();
  const name = useCallback((kind: string, each: string) => (kind === "node" ? step || each : names(kind, each)), [names, step]);
  const trouble = useFlow((state) => worst(state.checked.byNode.get(id))?.level);
  const far = useFar();
  useMeasured(id, known, out);
  if (!node) return null;
  const card = type && cardText(type, config ?? NO_CONFIG, name);
  const Icon = type ? iconOf(type.icon) : IconPuzzleOff;
  const title = node.label || type?.label || node.type;
  const colours = tint(type?.colour ?? "gray");
  const ports = withUsed(known, out);
  return (
    <article className={styles.card} style={{ "--tint": colours.background } as React.CSSProperties} aria-label={title} data-selected={selected || undefined} data-tone={paint?.tone} data-trouble={trouble} data-faded={(painted && !paint) || undefined}>
      {!type?.starts &&
        (far ? (
          <Place node={id} id="in" type="target" className={styles.target} />
        ) : (
          <Handle type="target" id="in" position={Position.Left} className={styles.target} role="img" aria-label={`Into ${title}`} />
        ))}
      <header className={styles.head}>
        <span className={styles.icon} style={colours}>
          <Icon size={17} stroke={1.8} />
        </span>
        <span className={styles.names}>
          <strong className={styles.title}>{title}</strong>
          {node.label && <span className={styles.kind}>{type?.label ?? node.type}</span>}
        </span>
        <Badge id={id} />
      </header>
      {!type && <p className={styles.missing}>This kind of step isn’t installed. It is kept as it is.</p>}
      {card?.text && (
        <p className={styles.text}>
          <span>{card.text}</span>
        </p>
      )}
      {card && card.chips.length > 0 && (
        <p className={styles.chips}>
          {card.chips.map((chip, index) => (
            <span key={index}>{chip}</span>
          ))}
        </p>
      )}
      {paint?.reached !== undefined && (
        <footer className={styles.counts}>
          <span>{paint.reached} reached</span>
          {paint.waiting ? <b>{paint.waiting} waiting</b> : null}
        </footer>
      )}
      <ul className={styles.ports}>
        {ports.map((port) => {
          const wired = out.some((edge) => edge.port === port.id);
          return far ? <FarPort key={port.id} node={id} port={port} wired={wired} selected={selected} /> : <PortRow key={port.id} node={id} port={port} wired={wired} selected={selected} />;
        })}
      </ul>
    </article>
  );
});

/** Has the canvas look again where the ways out are when they changed: cards may keep their size over that. */
function useMeasured(id: string, known: readonly PortShown[], out: readonly FlowEdge[]): void {
  const measure = useUpdateNodeInternals();
  const rows = withUsed(known, out).map((port) => port.id).join(" ");
  const before = useRef(rows);
  useEffect(() => {
    if (before.current !== rows) measure(id);
    before.current = rows;
  }, [id, measure, rows]);
}

interface PortProps {
  node: string;
  port: PortShown;
  wired: boolean;
  selected: boolean;
}

/** A way out. Error ways that lead nowhere show only on the selected card: the flow's settings say what happens then. */
function PortRow({ node, port, wired, selected }: PortProps) {
  const view = useViewStore();
  const linking = useView((state) => state.linking?.node === node && state.linking.port === port.id);
  const readOnly = useFlow((state) => state.readOnly);
  const quiet = port.kind === "error" && !wired;
  const tapped = (event: React.MouseEvent) => {
    if (readOnly || !(event.target as Element).closest(".react-flow__handle")) return;
    event.stopPropagation();
    view.getState().set({ linking: linking ? null : { node, port: port.id } });
  };
  return (
    <li className={styles.port} data-kind={port.kind} data-wired={wired || undefined} data-quiet={(quiet && !selected) || undefined} data-linking={linking || undefined} onClick={tapped}>
      <span className={styles.label}>{port.label}</span>
      <Handle type="source" id={port.id} position={Position.Right} className={styles.source} title={`${port.label}: ${PORT_WORDS[port.kind] ?? port.kind}`} />
    </li>
  );
}

/** The same room, and the same place for its edge. */
function FarPort({ node, port, wired, selected }: PortProps) {
  return (
    <li className={styles.port} data-quiet={(port.kind === "error" && !wired && !selected) || undefined}>
      <Place node={node} id={port.id} type="source" className={styles.source} />
    </li>
  );
}

const worst = (found: readonly Finding[] | undefined) => found?.find((each) => each.level === "error") ?? found?.find((each) => each.level === "warning");

function Badge({ id }: { id: string }) {
  const found = useFlow((state) => state.checked.byNode.get(id));
  const told = worst(found);
  if (!told) return null;
  return (
    <span className={styles.badge} data-level={told.level} title={found?.map((each) => each.message).join("\n")} role="img" aria-label={told.message}>
      <IconAlertTriangleFilled size={14} />
    </span>
  );
}
