// Cards that are too small to be read. Of a large flow they are boxes then, and their ways out take no part in connecting:
// the canvas would ask each of them at each move of the mouse.
import { Position } from "@xyflow/react";
import { createContext, useContext } from "react";

/** Below this zoom nobody reads a card. */
export const FAR_ZOOM = 0.3;

/** Below this zoom a mark on a card is too small to be seen: the card itself says it. */
export const SMALL_ZOOM = 0.45;

const Far = createContext(false);
export const FarProvider = Far.Provider;
export const useFar = () => useContext(Far);

interface Props {
  node: string;
  id: string;
  type: "source" | "target";
  className: string | undefined;
}

/** Stands where a handle would, for the canvas to measure where edges begin and end. */
export function Place({ node, id, type, className }: Props) {
  const position = type === "source" ? Position.Right : Position.Left;
  return <div data-nodeid={node} data-handleid={id} data-handlepos={position} className={`react-flow__handle react-flow__handle-${position} ${type} ${className ?? ""}`} />;
}
