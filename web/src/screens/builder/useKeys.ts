import { useReactFlow } from "@xyflow/react";
import { useEffect } from "react";

import type { Actions } from "@/canvas/actions";
import { useViewStore } from "@/canvas/view";
import { useFlowStore } from "@/flow/store";
import { complain } from "@/shell/notice";

const FIT = { duration: 180, padding: 0.12, maxZoom: 1 };

const isTyping = (target: EventTarget | null) =>
  target instanceof Element && target.closest("input, textarea, select, [contenteditable=true], [role=dialog], [role=menu], [role=listbox]") !== null;

/** The keyboard of the builder; fields and dialogs keep their own keys. */
export function useKeys(actions: Actions): void {
  const flow = useFlowStore();
  const view = useViewStore();
  const { fitView, screenToFlowPosition } = useReactFlow();
  useEffect(() => {
    const commands: Record<string, () => void> = {
      "mod+z": () => flow.getState().undo(),
      "mod+shift+z": () => flow.getState().redo(),
      "mod+y": () => flow.getState().redo(),
      "mod+d": () => actions.duplicate(),
      "mod+a": () => actions.selectAll(),
      delete: () => actions.removeSelected(),
      backspace: () => actions.removeSelected(),
      "/": () => add(),
      "mod+f": () => view.getState().set({ picking: { for: "find" } }),
      "mod+k": () => view.getState().set({ picking: { for: "commands" } }),
      c: () => connectSelected(),
      enter: () => view.getState().selected.length === 1 && view.getState().set({ panel: "configure", field: "" }),
      l: () => void actions.tidy().catch(complain),
      n: () => actions.addNote(middle()),
      t: () => view.getState().set({ panel: "test" }),
      "1": () => void fitView(FIT),
      "shift+?": () => view.getState().set({ sheet: "shortcuts" }),
      escape: () => {
        view.getState().select([]);
        view.getState().set({ linking: null });
      },
    };
    const middle = () => {
      const box = document.querySelector(".react-flow")?.getBoundingClientRect();
      return screenToFlowPosition({ x: (box?.left ?? 0) + (box?.width ?? 0) / 2 - 100, y: (box?.top ?? 0) + (box?.height ?? 0) / 3 });
    };
    const add = () => {
      const [selected] = view.getState().selected;
      const port = selected === undefined ? undefined : actions.freePort(selected);
      const card = selected && document.querySelector(`.react-flow__node[data-id="${selected}"]`)?.getBoundingClientRect();
      const box = document.querySelector(".react-flow")?.getBoundingClientRect();
      const at = card ? { x: card.right + 12, y: card.top } : { x: (box?.left ?? 0) + (box?.width ?? 0) / 2 - 160, y: (box?.top ?? 0) + 90 };
      const place = selected ? actions.after(selected) : middle();
      view.getState().set({ picking: { for: "add", at, place, from: selected && port ? { node: selected, port: port.id } : undefined } });
    };
    const connectSelected = () => {
      const [selected] = view.getState().selected;
      if (selected !== undefined) view.getState().set({ picking: { for: "connect", node: selected } });
    };
    const pressed = (event: KeyboardEvent) => {
      const focused = event.target instanceof Element ? event.target : null;
      // A card that was reached by Tab is the one that the keys mean.
      const card = focused?.closest<HTMLElement>(".react-flow__node")?.dataset.id;
      const mod = event.ctrlKey || event.metaKey;
      const name = `${mod ? "mod+" : ""}${event.shiftKey ? "shift+" : ""}${event.key.toLowerCase()}`;
      const command = commands[name];
      if (!command || event.defaultPrevented || event.altKey) return;
      if (isTyping(event.target) && !(mod && "fk".includes(event.key.toLowerCase()))) return;
      if (name === "enter" && !card && event.target !== document.body) return;
      if (card && !view.getState().selected.includes(card)) view.getState().select([card]);
      event.preventDefault();
      event.stopPropagation();
      command();
    };
    const copy = (event: ClipboardEvent) => {
      if (isTyping(event.target) || !view.getState().selected.length || window.getSelection()?.toString()) return;
      event.clipboardData?.setData("text/plain", actions.copied());
      event.preventDefault();
      if (event.type === "cut") actions.removeSelected();
    };
    const paste = (event: ClipboardEvent) => {
      if (isTyping(event.target)) return;
      const text = event.clipboardData?.getData("text/plain") ?? "";
      if (!actions.pasteText(text)) complain(new Error("The clipboard holds no steps. Copy some steps first."));
      event.preventDefault();
    };
    window.addEventListener("keydown", pressed, { capture: true });
    document.addEventListener("copy", copy);
    document.addEventListener("cut", copy);
    document.addEventListener("paste", paste);
    return () => {
      window.removeEventListener("keydown", pressed, { capture: true });
      document.removeEventListener("copy", copy);
      document.removeEventListener("cut", copy);
      document.removeEventListener("paste", paste);
    };
  }, [actions, fitView, flow, screenToFlowPosition, view]);
}
