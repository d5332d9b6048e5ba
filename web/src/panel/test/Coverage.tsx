import { ActionIcon, Alert, Button, Group, Loader, Progress as Bar, Stack, Text } from "@mantine/core";
import { IconArrowLeft, IconRefresh } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";

import { sentence } from "@/api/error";
import { useFlow, useFlowStore } from "@/flow/store";
import { useActions } from "@/screens/builder/context";

import { coveragePaint, explore, type Path, pathPaint, type Progress, type Report } from "./coverage";
import styles from "./Coverage.module.css";

const WORDS: Record<string, string> = { nodes: "Steps", ports: "Ways out", rules: "Outcomes of conditions" };
const MOST = 60;

/** Plays every path, paints what was reached, and says what wasn't and why. */
export function Coverage({ onClose }: { onClose: () => void }) {
  const flow = useFlowStore();
  const saving = useFlow((state) => state.saving);
  const [progress, setProgress] = useState<Progress | null>(null);
  const [report, setReport] = useState<Report | null>(null);
  const [trouble, setTrouble] = useState("");
  const stop = useRef<AbortController | null>(null);
  const ready = saving === "saved";

  const begin = () => {
    stop.current?.abort();
    const control = new AbortController();
    stop.current = control;
    setReport(null);
    setProgress(null);
    setTrouble("");
    explore(flow.getState().id, setProgress, control.signal)
      .then((found) => {
        setReport(found);
        flow.getState().set({ paint: coveragePaint(found) });
      })
      .catch((problem: unknown) => !control.signal.aborted && setTrouble(sentence(problem)));
  };
  const begun = useRef(false);
  useEffect(() => {
    if (!ready || begun.current) return;
    begun.current = true;
    begin();
  });
  useEffect(() => () => stop.current?.abort(), []);

  return (
    <section className={styles.coverage} aria-label="Every path">
      <Group className={styles.head} gap={4} wrap="nowrap">
        <ActionIcon aria-label="Back to the chat" onClick={onClose}>
          <IconArrowLeft size={18} />
        </ActionIcon>
        <Text fw={600} size="sm" style={{ flex: 1 }}>
          Every path
        </Text>
        <ActionIcon aria-label="Play again" onClick={begin} disabled={!ready || (!report && !trouble)}>
          <IconRefresh size={17} />
        </ActionIcon>
      </Group>
      <div className={styles.body}>
        {trouble && (
          <Alert color="red" p="xs" fz="sm">
            {trouble}
          </Alert>
        )}
        {!report && !trouble && (
          <Group gap="sm">
            <Loader size="xs" />
            <Text size="sm" c="dimmed" role="status">
              {progress ? `${progress.tried} situations tried, ${progress.nodes.length} steps reached` : "Starting…"}
            </Text>
          </Group>
        )}
        {report && <Told report={report} />}
      </div>
    </section>
  );
}

function Told({ report }: { report: Report }) {
  const flow = useFlowStore();
  const actions = useActions();
  const [open, setOpen] = useState<number | null>(null);
  const missed = report.ports.filter((port) => !port.path && port.reason);
  const label = (id: string) => report.nodes.find((node) => node.id === id)?.label ?? id;
  const choose = (path: Path) => {
    const next = open === path.number ? null : path.number;
    setOpen(next);
    flow.getState().set({ paint: next === null ? coveragePaint(report) : pathPaint(path) });
  };
  return (
    <Stack gap="md">
      <Stack gap={10}>
        {Object.entries(report.coverage).map(([name, share]) => (
          <div key={name}>
            <Group justify="space-between">
              <Text size="sm">{WORDS[name] ?? name}</Text>
              <Text size="sm" c="dimmed" style={{ fontVariantNumeric: "tabular-nums" }}>
                {share.covered} of {share.total}
              </Text>
            </Group>
            <Bar value={share.percent} color={share.percent === 100 ? "teal" : "orange"} size="sm" mt={4} aria-label={WORDS[name] ?? name} />
          </div>
        ))}
        {!report.exhausted && (
          <Text size="xs" c="dimmed">
            There was more to try than time for it.
          </Text>
        )}
      </Stack>
      {(report.findings.length > 0 || missed.length > 0) && (
        <section>
          <Text size="sm" fw={600} mb={4}>
            What was found
          </Text>
          <ul className={styles.list}>
            {report.findings.map((finding, index) => (
              <li key={index}>
                <button type="button" data-level={finding.level} onClick={() => actions.show(finding.node)}>
                  <b>{finding.message}</b> <small>{finding.hint}</small>
                </button>
              </li>
            ))}
            {missed.map((port) => (
              <li key={`${port.node}/${port.port}`}>
                <button type="button" data-level="info" onClick={() => actions.show(port.node)}>
                  <b>
                    {label(port.node)}, {port.label}
                  </b>{" "}
                  {port.reason?.message}
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
      <section>
        <Text size="sm" fw={600} mb={4}>
          {report.paths.length === report.paths_total ? `${report.paths_total} conversations` : `${report.paths.length} of ${report.paths_total} conversations`}
        </Text>
        <ul className={styles.list}>
          {report.paths.slice(0, MOST).map((path) => (
            <li key={path.number}>
              <button type="button" aria-expanded={open === path.number} onClick={() => choose(path)}>
                {path.title} <small>{path.ending}</small>
              </button>
              {open === path.number && (
                <div className={styles.lines}>
                  {path.lines.map((line, index) => (
                    <p key={index} data-side={line.side}>
                      {line.text}
                      {line.choices?.length ? <small> [{line.choices.join("] [")}]</small> : null}
                    </p>
                  ))}
                </div>
              )}
            </li>
          ))}
        </ul>
      </section>
      <Button variant="default" size="xs" onClick={() => flow.getState().set({ paint: coveragePaint(report) })}>
        Paint the coverage again
      </Button>
    </Stack>
  );
}
