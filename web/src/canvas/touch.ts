// What fingers need beside the gestures that React Flow knows: a long press, and cards that the sheet doesn't hide.
import { type InternalNode, useReactFlow } from "@xyflow/react";
import { type PointerEvent as ReactPointer, type TouchEvent as ReactTouch, useEffect, useMemo, useRef } from "react";

import { useView } from "./view";

const LONG_MS = 500;
const STILL_PX = 8;
/** Below this width the panel is a sheet over the lower part of the page (Panel.module.css). */
const SHEET_BELOW_PX = 780;
const SHEET = 0.62;
const NAVIGATION_PX = 56;
const MARGIN_PX = 14;
/** A new card is measured within a few frames. */
const FRAMES = 20;

/** A finger that rests on a card opens its menu; phones that have an event of their own for it fire that too, which does no harm. */
export function useHold(open: (node: string, at: { x: number; y: number }) => void) {
  const held = useRef<{ x: number; y: number; timer: number } | null>(null);
  const opened = useRef(false);
  return useMemo(() => {
    const end = () => {
      if (held.current) window.clearTimeout(held.current.timer);
      held.current = null;
    };
    return {
      onPointerDownCapture(event: ReactPointer) {
        end();
        const card = event.pointerType === "touch" && event.isPrimary && (event.target as Element).closest<HTMLElement>(".react-flow__node")?.dataset.id;
        if (!card) return;
        const [x, y] = [event.clientX, event.clientY];
        const timer = window.setTimeout(() => {
          opened.current = true;
          open(card, { x, y });
        }, LONG_MS);
        held.current = { x, y, timer };
      },
      onPointerMoveCapture(event: ReactPointer) {
        if (held.current && Math.hypot(event.clientX - held.current.x, event.clientY - held.current.y) > STILL_PX) end();
      },
      onPointerUpCapture: end,
      // What was a long press is no tap too: it would choose the card and close the menu.
      onTouchEndCapture(event: ReactTouch) {
        if (opened.current) event.preventDefault();
        opened.current = false;
      },
      onPointerCancelCapture: end,
    };
  }, [open]);
}

/** On a phone, moves the canvas so that the selected card stands above the sheet with its form. */
export function useAboveTheSheet(): void {
  const [only, other] = useView((view) => view.selected);
  const { getInternalNode, getViewport, setViewport } = useReactFlow();
  useEffect(() => {
    if (only === undefined || other !== undefined || window.innerWidth > SHEET_BELOW_PX) return;
    let frame = 0;
    const look = (left: number) => {
      const node = getInternalNode(only);
      const canvas = document.querySelector(".react-flow")?.getBoundingClientRect();
      if (!node || !canvas || !node.measured.height) {
        if (left) frame = requestAnimationFrame(() => look(left - 1));
        return;
      }
      lift(node, canvas);
    };
    const lift = (node: InternalNode, canvas: DOMRect) => {
      const { x, y, zoom } = getViewport();
      const { x: left, y: top } = node.internals.positionAbsolute;
      const [width, height] = [(node.measured.width ?? 0) * zoom, (node.measured.height ?? 0) * zoom];
      const bottom = window.innerHeight * (1 - SHEET) - NAVIGATION_PX - canvas.top;
      const at = { x: left * zoom + x, y: top * zoom + y };
      const clamp = (value: number, low: number, high: number) => Math.max(low, Math.min(value, Math.max(low, high)));
      const to = { x: clamp(at.x, MARGIN_PX, canvas.width - width - MARGIN_PX), y: clamp(at.y, MARGIN_PX, bottom - height - MARGIN_PX) };
      if (to.x !== at.x || to.y !== at.y) void setViewport({ x: x + to.x - at.x, y: y + to.y - at.y, zoom }, { duration: 180 });
    };
    frame = requestAnimationFrame(() => look(FRAMES));
    return () => cancelAnimationFrame(frame);
  }, [only, other, getInternalNode, getViewport, setViewport]);
}
