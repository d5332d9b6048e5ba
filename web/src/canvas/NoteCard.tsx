import { type NodeProps, NodeResizer } from "@xyflow/react";
import { memo } from "react";

import { putNote } from "@/flow/edit";
import { useFlow } from "@/flow/store";

import styles from "./NoteCard.module.css";
import type { CardNode } from "./view";

/** A sticky note: words for whoever draws, no part of the flow. */
export const NoteCard = memo(function NoteCard({ id, selected }: NodeProps<CardNode>) {
  const note = useFlow((state) => state.document.notes?.find((each) => each.id === id));
  const edit = useFlow((state) => state.edit);
  const readOnly = useFlow((state) => state.readOnly);
  if (!note) return null;
  return (
    <div className={styles.note}>
      <NodeResizer
        isVisible={selected && !readOnly}
        minWidth={120}
        minHeight={60}
        lineClassName={styles.line}
        handleClassName={styles.handle}
        onResizeEnd={(_, { x, y, width, height }) => edit((document) => putNote(document, { ...note, x, y, width, height }))}
      />
      <textarea
        className={`${styles.text} ${selected ? "nodrag nowheel" : ""}`}
        aria-label="Note"
        placeholder="Write a note"
        value={note.text}
        readOnly={!selected || readOnly}
        maxLength={2000}
        onChange={(event) => edit((document) => putNote(document, { ...note, text: event.target.value }), `note ${id}`)}
      />
    </div>
  );
});
