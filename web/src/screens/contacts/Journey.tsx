import { Anchor, Badge, Button, Group, Text, Timeline } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";

import { ago, when } from "@/shared/time";

import styles from "./Contacts.module.css";
import { type Run, stepsOf, useContactActions } from "./contacts";

const STATES: Record<Run["status"], [string, string]> = {
  waiting: ["Inside now", "iris"],
  suspended: ["Paused", "orange"],
  completed: ["Done", "teal"],
  expired: ["Expired", "gray"],
  interrupted: ["Interrupted by another flow", "gray"],
  failed: ["Failed", "red"],
  stopped: ["Stopped", "gray"],
};

/** One run through a flow: where it stands, and, opened, each step and why. */
export function Journey({ run, contact }: { run: Run; contact: string }) {
  const [open, setOpen] = useState(false);
  const { data: steps } = useQuery({ ...stepsOf(run.id), enabled: open });
  const { stop } = useContactActions(contact);
  const [label, color] = STATES[run.status];
  const live = run.ended_at === null;
  return (
    <div className={styles.run}>
      <Group justify="space-between">
        <div>
          <Anchor component={Link} to={`/flows/${run.flow_id}`} fw={560}>
            {run.flow}
          </Anchor>
          <Text size="xs" c="dimmed" title={when(run.started_at)}>
            Version {run.version}, started {ago(run.started_at)}
            {live && run.label ? `, stands at “${run.label}”` : ""}
            {live && run.wait?.until ? ` until ${when(run.wait.until)}` : ""}
          </Text>
        </div>
        <Group gap={8}>
          <Badge color={color}>{label}</Badge>
          <Button size="compact-xs" variant="default" aria-expanded={open} onClick={() => setOpen(!open)}>
            {open ? "Hide steps" : "Show steps"}
          </Button>
          {live && (
            <Button size="compact-xs" variant="light" color="red" loading={stop.isPending} onClick={() => stop.mutate(run.id)}>
              Stop
            </Button>
          )}
        </Group>
      </Group>
      {open && steps && (
        <Timeline bulletSize={12} lineWidth={2} mt="md" active={steps.length}>
          {steps.map((step) => (
            <Timeline.Item key={step.number} title={<Text size="sm">{step.text}</Text>}>
              {step.path.map((passed, index) => (
                <Text key={index} size="xs" c="dimmed">
                  {passed.label}
                  {passed.port && passed.port !== "next" ? ` → ${passed.port.replaceAll("_", " ")}` : ""}
                  {passed.reason ? ` (${passed.reason})` : ""}
                </Text>
              ))}
              <Text size="xs" c="dimmed" title={when(step.at)}>
                {ago(step.at)}
              </Text>
            </Timeline.Item>
          ))}
        </Timeline>
      )}
    </div>
  );
}
