import { ActionIcon, Badge, Button, Divider, Group, Tooltip } from "@mantine/core";
import { IconArrowBackUp, IconArrowForwardUp, IconArrowLeft, IconChartDots3, IconDots, IconHistory, IconLayoutDistributeVertical, IconPlayerPlay, IconPlus } from "@tabler/icons-react";
import { useReactFlow } from "@xyflow/react";
import { lazy, Suspense } from "react";
import { Link } from "wouter";

import { useView, useViewStore } from "@/canvas/view";
import { useFlow, useFlowStore } from "@/flow/store";
import { complain } from "@/shell/notice";

import { useActions } from "./context";
import { FlowName } from "./FlowName";
import { Problems } from "./Problems";
import { SaveState } from "./SaveState";
import styles from "./Topbar.module.css";

const LanguageSwitch = lazy(() => import("./LanguageSwitch"));

/** The flow's name and state, and what can be done with the whole of it. */
export function Topbar() {
  const flow = useFlowStore();
  const view = useViewStore();
  const actions = useActions();
  const canUndo = useFlow((state) => state.past.length > 0);
  const canRedo = useFlow((state) => state.future.length > 0);
  const readOnly = useFlow((state) => state.readOnly);
  const clashes = useFlow((state) => state.clashes.length);
  const overlay = useView((state) => state.overlay);
  const several = useFlow((state) => Object.keys(state.document.translations ?? {}).length > 0);
  const testing = useView((state) => state.panel === "test");
  const { screenToFlowPosition } = useReactFlow();
  const { set } = view.getState();
  const addStep = () => {
    const place = screenToFlowPosition({ x: window.innerWidth / 3, y: window.innerHeight / 3 });
    set({ picking: { for: "add", at: { x: 20, y: 70 }, place } });
  };
  return (
    <header className={styles.bar}>
      <Tooltip label="All flows">
        <ActionIcon component={Link} to="/flows" aria-label="All flows" size="lg">
          <IconArrowLeft size={19} />
        </ActionIcon>
      </Tooltip>
      <FlowName />
      {readOnly && <Badge color="gray">Read only</Badge>}
      <SaveState />
      <span className={styles.spring} />
      <Group gap={2} wrap="nowrap" className={styles.tools}>
        <Suspense>{several && <LanguageSwitch />}</Suspense>
        {!readOnly && (
          <>
            <Tool label="Undo (Ctrl Z)" icon={<IconArrowBackUp size={19} />} disabled={!canUndo} run={() => flow.getState().undo()} />
            <Tool label="Redo (Ctrl Shift Z)" icon={<IconArrowForwardUp size={19} />} disabled={!canRedo} run={() => flow.getState().redo()} />
            <Tool label="Tidy up (L)" icon={<IconLayoutDistributeVertical size={19} />} run={() => void actions.tidy().catch(complain)} />
            <Divider orientation="vertical" mx={6} />
          </>
        )}
        <Tool label="What happens live" icon={<IconChartDots3 size={19} />} active={overlay} run={() => set({ overlay: !overlay })} />
        <Tool label="Versions" icon={<IconHistory size={19} />} run={() => set({ sheet: "versions" })} />
      </Group>
      {!readOnly && <Tool label="Add a step (/)" className={styles.add} icon={<IconPlus size={19} />} run={addStep} />}
      <Tool label="Commands (Ctrl K)" icon={<IconDots size={19} />} run={() => set({ picking: { for: "commands" } })} />
      <Problems />
      <Button variant={testing ? "light" : "default"} leftSection={<IconPlayerPlay size={16} />} onClick={() => set({ panel: testing ? "configure" : "test" })} className={styles.test} aria-label="Test">
        Test
      </Button>
      {!readOnly && (
        <Button onClick={() => set({ sheet: "publish" })} disabled={clashes > 0}>
          Publish
        </Button>
      )}
    </header>
  );
}

interface ToolProps {
  label: string;
  icon: React.ReactNode;
  run: () => void;
  disabled?: boolean;
  active?: boolean;
  className?: string;
}

function Tool({ label, icon, run, disabled, active, className }: ToolProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon size="lg" aria-label={label.replace(/ \(.*\)$/, "")} onClick={run} disabled={disabled} variant={active ? "light" : "subtle"} color={active ? "iris" : "gray"} className={className}>
        {icon}
      </ActionIcon>
    </Tooltip>
  );
}
