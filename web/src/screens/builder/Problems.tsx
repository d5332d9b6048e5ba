import { Button, Popover, ScrollArea, Stack, Text, UnstyledButton } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck } from "@tabler/icons-react";
import { useState } from "react";

import type { Finding } from "@/api/flow";
import { fieldOf, nodeOf } from "@/flow/checker";
import { useFlow, useFlowStore } from "@/flow/store";

import { useActions } from "./context";
import styles from "./Problems.module.css";

/** How many problems there are, and the list that leads to them. */
export function Problems() {
  const problems = useFlow((state) => state.checked.problems);
  const [open, setOpen] = useState(false);
  const errors = problems.filter((each) => each.level === "error");
  const warnings = problems.filter((each) => each.level === "warning");
  const label = errors.length ? `${errors.length} to fix` : warnings.length ? `${warnings.length} to look at` : "All good";
  const colour = errors.length ? "red" : warnings.length ? "orange" : "teal";
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" width={380}>
      <Popover.Target>
        <Button
          variant="subtle"
          color={colour}
          px="xs"
          leftSection={errors.length || warnings.length ? <IconAlertTriangle size={17} /> : <IconCircleCheck size={17} />}
          onClick={() => setOpen(!open)}
          aria-expanded={open}
          aria-label={label}
          className={styles.open}
        >
          <span className={styles.count}>{label}</span>
        </Button>
      </Popover.Target>
      <Popover.Dropdown p={6}>
        <ScrollArea.Autosize mah="60vh">
          <ProblemList found={[...errors, ...warnings]} onPick={() => setOpen(false)} />
        </ScrollArea.Autosize>
      </Popover.Dropdown>
    </Popover>
  );
}

/** Problems in sentences; each leads to its step and field. */
export function ProblemList({ found, onPick }: { found: readonly Finding[]; onPick?: () => void }) {
  const flow = useFlowStore();
  const actions = useActions();
  if (!found.length)
    return (
      <Text c="dimmed" size="sm" p="sm">
        Nothing is wrong with this flow.
      </Text>
    );
  const jump = (finding: Finding) => {
    const node = nodeOf(finding, flow.getState().document);
    onPick?.();
    if (!node) return;
    actions.show(node);
    actions.focusNode(node, fieldOf(finding));
  };
  return (
    <Stack gap={2} component="ul" className={styles.list} aria-label="Problems">
      {found.map((finding, index) => (
        <li key={index}>
          <UnstyledButton className={styles.problem} data-level={finding.level} onClick={() => jump(finding)}>
            <span className={styles.where}>{place(finding)}</span>
            <span>{finding.message}</span>
            {finding.hint && <small>{finding.hint}</small>}
          </UnstyledButton>
        </li>
      ))}
    </Stack>
  );

  function place(finding: Finding): string {
    const { document, lookup, types } = flow.getState();
    const node = lookup.node.get(nodeOf(finding, document) ?? "");
    return node ? node.label || types.get(node.type)?.label || node.type : "The flow";
  }
}
