import { ScrollArea, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useReactFlow } from "@xyflow/react";
import { type PointerEvent as ReactPointer, useRef, useState } from "react";
import { createPortal } from "react-dom";

import type { NodeType } from "@/api/flow";
import { useFlow } from "@/flow/store";

import { type Actions, CARD_WIDTH } from "./actions";
import { edgeAt } from "./Canvas";
import { GROUPS, iconOf, tint } from "./look";
import styles from "./Palette.module.css";
import { useViewStore } from "./view";

const DRAG_FROM_PX = 5;
const GRIP = { x: CARD_WIDTH / 2, y: 24 };

/** The kinds of steps by group: dragged onto the canvas, or added after the selected step by a click. */
export function Palette({ actions }: { actions: Actions }) {
  const types = useFlow((state) => state.types);
  const [search, setSearch] = useState("");
  const wanted = [...types.values()].filter((type) => `${type.label} ${type.description}`.toLowerCase().includes(search.toLowerCase()));
  const groups = [...new Set([...Object.keys(GROUPS), ...wanted.map((type) => type.group)])];
  return (
    <aside className={styles.palette} aria-label="Steps">
      <TextInput value={search} onChange={(event) => setSearch(event.target.value)} placeholder="Search steps" aria-label="Search steps" leftSection={<IconSearch size={15} />} size="sm" />
      <ScrollArea className={styles.list} type="never">
        {groups.map((group) => {
          const members = wanted.filter((type) => type.group === group);
          return members.length ? (
            <section key={group} aria-label={GROUPS[group] ?? group}>
              <h2 className={styles.group}>{GROUPS[group] ?? group}</h2>
              {members.map((type) => (
                <Entry key={type.type} type={type} actions={actions} />
              ))}
            </section>
          ) : null;
        })}
        {!wanted.length && <p className={styles.hint}>No step is called that.</p>}
      </ScrollArea>
      <p className={styles.hint}>Drag a step onto the canvas, or press / there.</p>
    </aside>
  );
}

function Entry({ type, actions }: { type: NodeType; actions: Actions }) {
  const { screenToFlowPosition } = useReactFlow();
  const view = useViewStore();
  const [ghost, setGhost] = useState<{ x: number; y: number } | null>(null);
  const drag = useRef<{ x: number; y: number; moved: boolean; edge: Element | null } | null>(null);
  const dragged = useRef(false);
  const Icon = iconOf(type.icon);

  const end = () => {
    drag.current?.edge?.removeAttribute("data-drop");
    drag.current = null;
    setGhost(null);
  };
  const down = (event: ReactPointer) => {
    if (event.button !== 0) return;
    drag.current = { x: event.clientX, y: event.clientY, moved: false, edge: null };
    dragged.current = false;
    event.currentTarget.setPointerCapture(event.pointerId);
  };
  const move = (event: ReactPointer) => {
    const held = drag.current;
    if (!held) return;
    held.moved ||= Math.hypot(event.clientX - held.x, event.clientY - held.y) > DRAG_FROM_PX;
    if (!held.moved) return;
    setGhost({ x: event.clientX, y: event.clientY });
    const key = edgeAt(event.clientX, event.clientY);
    const edge = key === undefined ? null : document.querySelector(`[data-edge="${CSS.escape(key)}"]`);
    if (edge === held.edge) return;
    held.edge?.removeAttribute("data-drop");
    edge?.setAttribute("data-drop", "");
    held.edge = edge;
  };
  const up = (event: ReactPointer) => {
    const moved = drag.current?.moved;
    const point = { x: event.clientX, y: event.clientY };
    dragged.current = Boolean(moved);
    end();
    if (!moved || !document.elementsFromPoint(point.x, point.y).some((element) => element.closest(".react-flow"))) return;
    const place = screenToFlowPosition(point);
    actions.add(type.type, { x: place.x - GRIP.x, y: place.y - GRIP.y }, undefined, edgeAt(point.x, point.y));
  };
  const click = () => {
    const [selected] = view.getState().selected;
    const port = selected === undefined ? undefined : actions.freePort(selected);
    if (selected !== undefined) return actions.add(type.type, actions.after(selected), port && { node: selected, port: port.id });
    const box = document.querySelector(".react-flow")?.getBoundingClientRect();
    const middle = screenToFlowPosition({ x: (box?.left ?? 0) + (box?.width ?? 0) / 2, y: (box?.top ?? 0) + (box?.height ?? 0) / 3 });
    return actions.add(type.type, { x: middle.x - GRIP.x, y: middle.y });
  };

  return (
    <>
      <button
        type="button"
        className={styles.entry}
        title={type.description}
        onPointerDown={down}
        onPointerMove={move}
        onPointerUp={up}
        onPointerCancel={end}
        onClick={() => !dragged.current && click()}
      >
        <span className={styles.icon} style={tint(type.colour)}>
          <Icon size={17} stroke={1.8} />
        </span>
        {type.label}
      </button>
      {ghost &&
        createPortal(
          <div className={styles.ghost} style={{ transform: `translate(${ghost.x - GRIP.x}px, ${ghost.y - GRIP.y}px)` }}>
            <span className={styles.icon} style={tint(type.colour)}>
              <Icon size={17} stroke={1.8} />
            </span>
            {type.label}
          </div>,
          document.body,
        )}
    </>
  );
}
