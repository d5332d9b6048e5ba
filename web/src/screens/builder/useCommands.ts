import { useMantineColorScheme } from "@mantine/core";
import {
  IconArrowBackUp, IconArrowForwardUp, IconChartDots3, IconCopy, IconDownload, IconFocusCentered, IconHistory, IconKeyboard, IconLanguage, IconLayoutDistributeVertical, IconMoon, IconNote, IconPlayerPlay,
  IconRocket, IconSearch, IconTrash,
} from "@tabler/icons-react";
import { useReactFlow } from "@xyflow/react";

import { useViewStore } from "@/canvas/view";
import { useFlowStore } from "@/flow/store";
import type { PickerItem } from "@/shared/Picker";
import { complain } from "@/shell/notice";

import { useActions } from "./context";

export interface Command extends PickerItem {
  run: () => void;
  /** Whether it is for those who may change the flow. */
  changes?: true;
}

/** Everything that can be done here, with the keys for it. */
export function useCommands(): Command[] {
  const flow = useFlowStore();
  const view = useViewStore();
  const actions = useActions();
  const { fitView, getViewport } = useReactFlow();
  const { toggleColorScheme } = useMantineColorScheme();
  const { set } = view.getState();
  const commands: Command[] = [
    { id: "test", label: "Test this flow", icon: IconPlayerPlay, keys: "T", run: () => set({ panel: "test" }) },
    { id: "publish", label: "Publish", icon: IconRocket, changes: true, run: () => set({ sheet: "publish" }) },
    { id: "versions", label: "Versions", icon: IconHistory, run: () => set({ sheet: "versions" }) },
    { id: "languages", label: "Languages", icon: IconLanguage, run: () => set({ sheet: "languages" }) },
    { id: "live", label: "What happens live", icon: IconChartDots3, run: () => set({ overlay: !view.getState().overlay }) },
    { id: "find", label: "Find a step", icon: IconSearch, keys: "Ctrl F", run: () => set({ picking: { for: "find" } }) },
    { id: "tidy", label: "Tidy up", icon: IconLayoutDistributeVertical, keys: "L", changes: true, run: () => void actions.tidy().catch(complain) },
    { id: "fit", label: "Show the whole flow", icon: IconFocusCentered, keys: "1", run: () => void fitView({ duration: 180, padding: 0.12, maxZoom: 1 }) },
    { id: "note", label: "Add a note", icon: IconNote, keys: "N", changes: true, run: () => actions.addNote(corner(getViewport())) },
    { id: "undo", label: "Undo", icon: IconArrowBackUp, keys: "Ctrl Z", changes: true, run: () => flow.getState().undo() },
    { id: "redo", label: "Redo", icon: IconArrowForwardUp, keys: "Ctrl Shift Z", changes: true, run: () => flow.getState().redo() },
    { id: "duplicate", label: "Duplicate what is selected", icon: IconCopy, keys: "Ctrl D", changes: true, run: () => actions.duplicate() },
    { id: "delete", label: "Delete what is selected", icon: IconTrash, keys: "Del", changes: true, run: () => actions.removeSelected() },
    { id: "export", label: "Export as JSON", icon: IconDownload, run: () => download(flow.getState().document) },
    { id: "dark", label: "Light or dark", icon: IconMoon, run: () => toggleColorScheme() },
    { id: "shortcuts", label: "Keyboard shortcuts", icon: IconKeyboard, keys: "?", run: () => set({ sheet: "shortcuts" }) },
  ];
  return flow.getState().readOnly ? commands.filter((each) => !each.changes) : commands;
}

const MARGIN = 240;

const corner = ({ x, y, zoom }: { x: number; y: number; zoom: number }) => ({ x: (MARGIN - x) / zoom, y: (MARGIN - y) / zoom });

/** Hands the document to the browser as a file. */
export function download(document: { name: string }): void {
  const address = URL.createObjectURL(new Blob([JSON.stringify(document, null, 2)], { type: "application/json" }));
  const link = Object.assign(window.document.createElement("a"), { href: address, download: `${document.name.replace(/[^\p{L}\p{N}]+/gu, "-").toLowerCase()}.json` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}
