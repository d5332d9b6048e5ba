import { Menu } from "@mantine/core";
import { IconArrowRight, IconCornerDownRight } from "@tabler/icons-react";
import { useState } from "react";

import type { PortShown } from "@/api/flow";
import { GROUPS, iconOf, tint } from "@/canvas/look";
import { knownPorts, withUsed } from "@/canvas/ports";
import { type Picking, useView, useViewStore } from "@/canvas/view";
import { disconnect } from "@/flow/edit";
import { type FlowState, useFlow, useFlowStore } from "@/flow/store";
import { StepMenuItems } from "@/panel/StepMenuItems";
import { Picker, type PickerItem } from "@/shared/Picker";

import { useActions } from "./context";
import { useCommands } from "./useCommands";

/** The lists that open over the canvas: the next step, a step to find, a command, where a way out leads. */
export function Pickers() {
  const picking = useView((view) => view.picking);
  const view = useViewStore();
  const readOnly = useFlow((state) => state.readOnly);
  const close = () => view.getState().set({ picking: null });
  if (readOnly && (picking?.for === "add" || picking?.for === "connect")) return null;
  switch (picking?.for) {
    case "add":
      return <AddPicker picking={picking} onClose={close} />;
    case "find":
      return <FindPicker onClose={close} />;
    case "connect":
      return <ConnectPicker node={picking.node} first={picking.port} onClose={close} />;
    case "menu":
      return <CardMenu node={picking.node} at={picking.at} onClose={close} />;
    case "commands":
      return <CommandPicker onClose={close} />;
    default:
      return null;
  }
}

function AddPicker({ picking, onClose }: { picking: Extract<Picking, { for: "add" }>; onClose: () => void }) {
  const { types } = useFlowStore().getState();
  const actions = useActions();
  const order = Object.keys(GROUPS);
  const rank = (group: string) => (order.includes(group) ? order.indexOf(group) : order.length);
  const items = [...types.values()]
    .filter((type) => !picking.from || !type.starts)
    .sort((one, other) => rank(one.group) - rank(other.group))
    .map((type) => ({ id: type.type, label: type.label, hint: type.description, group: GROUPS[type.group] ?? type.group, icon: iconOf(type.icon), tint: tint(type.colour) }));
  const pick = ({ id }: PickerItem) => {
    onClose();
    actions.add(id, picking.place, picking.from);
  };
  return <Picker items={items} placeholder={picking.from ? "What comes next?" : "Add a step"} label="Add a step" at={picking.at} onPick={pick} onClose={onClose} />;
}

/** The steps of the flow as choices. */
function useSteps(): PickerItem[] {
  const { document, types } = useFlowStore().getState();
  return document.nodes.map((node) => {
    const type = types.get(node.type);
    return { id: node.id, label: node.label || type?.label || node.type, hint: textOf(node.config), words: node.id, icon: iconOf(type?.icon ?? ""), tint: tint(type?.colour ?? "gray") };
  });
}

const textOf = (config: Record<string, unknown> | undefined) => (typeof config?.text === "string" ? config.text : undefined);

function FindPicker({ onClose }: { onClose: () => void }) {
  const actions = useActions();
  const pick = ({ id }: PickerItem) => {
    onClose();
    actions.show(id);
    actions.focusNode(id);
  };
  return <Picker items={useSteps()} placeholder="Find a step" label="Find a step" onPick={pick} onClose={onClose} />;
}

const ports = (state: FlowState, node: string) => withUsed(knownPorts(state, node), state.lookup.out.get(node) ?? []);

/** First which way out, then where it leads: the keyboard's way to draw an edge. */
function ConnectPicker({ node, first, onClose }: { node: string; first?: string; onClose: () => void }) {
  const flow = useFlowStore();
  const actions = useActions();
  const steps = useSteps();
  const state = flow.getState();
  const [port, setPort] = useState<PortShown | null>(() => ports(state, node).find((each) => each.id === first) ?? null);
  if (!port) {
    const name = (id: string) => steps.find((step) => step.id === id)?.label ?? id;
    const items = ports(state, node).map((each) => {
      const to = state.lookup.edge.get(`${node}/${each.id}`)?.to;
      return { id: each.id, label: each.label, hint: to ? `leads to ${name(to)}` : "leads nowhere yet", icon: IconCornerDownRight };
    });
    return <Picker key="port" items={items} placeholder="Which way out?" label="Way out" onPick={({ id }) => setPort(ports(state, node).find((each) => each.id === id) ?? null)} onClose={onClose} />;
  }
  const items = [...steps.filter((step) => step.id !== node && !state.types.get(state.lookup.node.get(step.id)?.type ?? "")?.starts), { id: "", label: "Nowhere", icon: IconArrowRight }];
  const pick = ({ id }: PickerItem) => {
    onClose();
    if (id) actions.connect(node, port.id, id);
    else state.edit((document) => disconnect(document, new Set([`${node}/${port.id}`])));
    actions.focusNode(node);
  };
  return <Picker key="step" items={items} placeholder={`Where does “${port.label}” lead?`} label="Leads to" onPick={pick} onClose={onClose} />;
}

/** What can be done with a card, where it was pressed for long or with the other mouse button. */
function CardMenu({ node, at, onClose }: { node: string; at: { x: number; y: number }; onClose: () => void }) {
  const view = useViewStore();
  // "Connect" opens another list, which must not be closed along.
  const close = () => view.getState().picking?.for === "menu" && onClose();
  return (
    <Menu key={node} opened onClose={close} position="bottom-start" width={210} offset={2}>
      <Menu.Target>
        <span style={{ position: "fixed", left: at.x, top: at.y }} />
      </Menu.Target>
      <Menu.Dropdown>
        <StepMenuItems id={node} />
      </Menu.Dropdown>
    </Menu>
  );
}

function CommandPicker({ onClose }: { onClose: () => void }) {
  const commands = useCommands();
  const pick = ({ id }: PickerItem) => {
    onClose();
    commands.find((command) => command.id === id)?.run();
  };
  return <Picker items={commands} placeholder="What would you like to do?" label="Commands" onPick={pick} onClose={onClose} />;
}
