import { Portal } from "@mantine/core";
import { type Icon, IconSearch } from "@tabler/icons-react";
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";

import styles from "./Picker.module.css";

export interface PickerItem {
  id: string;
  label: string;
  group?: string;
  hint?: string;
  words?: string;
  icon?: Icon;
  tint?: { background: string; color: string };
  keys?: string;
}

interface Props {
  items: readonly PickerItem[];
  placeholder: string;
  label: string;
  empty?: string;
  /** Where it opens; without a place, in the upper middle. */
  at?: { x: number; y: number };
  onPick: (item: PickerItem) => void;
  onClose: () => void;
}

const WIDTH = 320;
const HEIGHT = 400;

/** A list to search and choose from by keyboard, mouse or touch: steps to add, steps to find, commands. */
export function Picker({ items, placeholder, label, empty = "Nothing found", at, onPick, onClose }: Props) {
  const [search, setSearch] = useState("");
  const [active, setActive] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  const box = useId();
  const found = items.filter((item) => fits(item, search));
  const chosen = Math.min(active, found.length - 1);

  useEffect(() => {
    list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [chosen]);
  // The focus goes back to where it was, unless what was picked took it.
  useEffect(() => {
    const before = document.activeElement;
    return () => {
      if (before instanceof HTMLElement && document.activeElement === document.body) before.focus();
    };
  }, []);

  const keys = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) setActive((chosen + step + found.length) % Math.max(1, found.length));
    else if (event.key === "Escape") onClose();
    else if (event.key === "Enter" && found[chosen]) onPick(found[chosen]);
    else if (event.key !== "Tab") return;
    event.preventDefault();
    event.stopPropagation();
  };
  const place = at
    ? { left: Math.max(8, Math.min(at.x, window.innerWidth - WIDTH - 12)), top: Math.max(8, Math.min(at.y, window.innerHeight - HEIGHT - 12)) }
    : { left: `max(8px, calc(50vw - ${WIDTH * 0.75}px))`, top: "14vh", width: `min(${WIDTH * 1.5}px, calc(100vw - 16px))` };

  return (
    <Portal>
      <div className={styles.veil} data-dim={!at || undefined} onPointerDown={onClose} />
      <div className={styles.box} style={place} role="dialog" aria-label={label}>
        <label className={styles.search}>
          <IconSearch size={16} stroke={1.8} />
          <input
            autoFocus
            value={search}
            placeholder={placeholder}
            role="combobox"
            aria-label={label}
            aria-expanded
            aria-controls={box}
            aria-activedescendant={found[chosen] && `${box}-${chosen}`}
            onChange={(event) => {
              setSearch(event.target.value);
              setActive(0);
            }}
            onKeyDown={keys}
          />
        </label>
        <ul ref={list} id={box} role="listbox" aria-label={label} className={styles.list}>
          {found.map((item, index) => (
            <Row key={item.id} item={item} id={`${box}-${index}`} active={index === chosen} heading={item.group !== found[index - 1]?.group && item.group} onPick={() => onPick(item)} onHover={() => setActive(index)} />
          ))}
          {!found.length && <li className={styles.empty}>{empty}</li>}
        </ul>
      </div>
    </Portal>
  );
}

interface RowProps {
  item: PickerItem;
  id: string;
  active: boolean;
  heading: ReactNode;
  onPick: () => void;
  onHover: () => void;
}

function Row({ item, id, active, heading, onPick, onHover }: RowProps) {
  const Icon = item.icon;
  return (
    <>
      {heading && (
        <li role="presentation" className={styles.heading}>
          {heading}
        </li>
      )}
      <li id={id} role="option" aria-selected={active} className={styles.row} onClick={onPick} onPointerMove={onHover}>
        {Icon && (
          <span className={styles.icon} style={item.tint}>
            <Icon size={17} stroke={1.8} />
          </span>
        )}
        <span className={styles.words}>
          <span>{item.label}</span>
          {item.hint && <small>{item.hint}</small>}
        </span>
        {item.keys && <kbd>{item.keys}</kbd>}
      </li>
    </>
  );
}

function fits(item: PickerItem, search: string): boolean {
  const said = `${item.label} ${item.group ?? ""} ${item.hint ?? ""} ${item.words ?? ""}`.toLowerCase();
  return search.toLowerCase().split(/\s+/).every((word) => said.includes(word));
}
