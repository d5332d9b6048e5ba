import { ActionIcon, Alert, Button, Select, Tooltip } from "@mantine/core";
import { IconArrowBackUp, IconPlayerPlay, IconRefresh, IconRoute } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { ask, type Model } from "@/api/client";
import { useView, useViewStore } from "@/canvas/view";
import type { FlowDocument } from "@/flow/document";
import { useFlow, useFlowStore } from "@/flow/store";
import { languageName } from "@/flow/translation";

import { Chat } from "./test/Chat";
import { Composer } from "./test/Composer";
import { Coverage } from "./test/Coverage";
import { HoursSaid } from "./test/HoursSaid";
import { Insight } from "./test/Insight";
import { painted, useSimulation } from "./test/simulation";
import styles from "./test/Test.module.css";

const CHANNELS = [
  { value: "webchat", label: "Web chat" },
  { value: "whatsapp", label: "WhatsApp" },
];

/** A conversation with the flow as it is drawn, on the real engine with a clock of its own. */
export default function TestPanel() {
  const { frame, path, busy, trouble, document, begin, undo } = useSimulation();
  const flow = useFlowStore();
  const from = useView((view) => view.testFrom);
  const view = useViewStore();
  const [covering, setCovering] = useState(false);
  const stale = useFlow((state) => document !== null && contentOf(state.document) !== contentOf(document));
  const start = (node: string | null = null) => void begin(flow.getState().id, flow.getState().document, node);

  useEffect(() => {
    if (!covering) flow.getState().set({ paint: painted(frame, path) });
  }, [covering, flow, frame, path]);
  useEffect(() => {
    if (from === null) return;
    view.getState().set({ testFrom: null });
    void begin(flow.getState().id, flow.getState().document, from);
  }, [begin, flow, from, view]);
  useEffect(() => {
    const { frame: before, busy: beginning } = useSimulation.getState();
    const { id, document: drawn } = flow.getState();
    if (!beginning && before?.flow_id !== id) void begin(id, drawn, view.getState().testFrom);
    return () => flow.getState().set({ paint: null });
  }, [begin, flow, view]);

  if (covering) return <Coverage onClose={() => setCovering(false)} />;
  return (
    <section className={styles.test} aria-label="Test">
      <div className={styles.head}>
        <Personas onChange={() => start()} />
        <Tooltip label="Take the last step back">
          <ActionIcon aria-label="Take the last step back" onClick={() => void undo()} disabled={!frame?.undos || busy}>
            <IconArrowBackUp size={18} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label="Start again">
          <ActionIcon aria-label="Start again" onClick={() => start()} loading={busy && !frame}>
            <IconRefresh size={17} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label="Play every path">
          <ActionIcon aria-label="Play every path" onClick={() => setCovering(true)}>
            <IconRoute size={18} />
          </ActionIcon>
        </Tooltip>
        <Languages onChange={() => start()} />
      </div>
      <HoursSaid onChange={() => start()} />
      {stale && (
        <Alert color="orange" p="xs" m="xs" fz="sm">
          The flow has changed.{" "}
          <Button variant="white" size="compact-xs" onClick={() => start()}>
            Start again
          </Button>
        </Alert>
      )}
      {trouble && (
        <Alert color="red" p="xs" m="xs" fz="sm" role="alert">
          {trouble}
        </Alert>
      )}
      {frame ? (
        <>
          <Chat />
          <Insight />
          <Composer />
        </>
      ) : (
        !busy && (
          <Button m="md" leftSection={<IconPlayerPlay size={16} />} onClick={() => start()}>
            Start the test
          </Button>
        )
      )}
    </section>
  );
}

/** What the flow does: where cards stand is no change. */
const contents = new WeakMap<object, string>();
function contentOf(document: FlowDocument): string {
  const known = contents.get(document);
  if (known !== undefined) return known;
  const { nodes, edges, settings, variables, language, translations } = document;
  const made = JSON.stringify([nodes, edges, settings, variables, language, translations]);
  contents.set(document, made);
  return made;
}

/** As whom, and on which channel. */
function Personas({ onChange }: { onChange: () => void }) {
  const { setting, set } = useSimulation();
  const { data = [] } = useQuery({
    queryKey: ["personas"],
    queryFn: async () => (await ask<{ data: Model<"PersonaShown">[] }>("GET", "/v1/personas")).data.data,
    staleTime: Infinity,
  });
  const change = (next: Partial<typeof setting>) => {
    set(next);
    onChange();
  };
  return (
    <>
      <Select size="xs" style={{ flex: 1.4 }} rightSectionWidth={22} aria-label="Who writes" data={data.map((each) => ({ value: each.key, label: each.label }))} value={setting.persona} onChange={(persona) => persona && change({ persona })} allowDeselect={false} comboboxProps={{ width: 240, position: "bottom-start" }} />
      <Select size="xs" style={{ flex: 1 }} rightSectionWidth={22} aria-label="Channel" data={CHANNELS} value={setting.channel} onChange={(channel) => channel && change({ channel })} allowDeselect={false} />
    </>
  );
}

/** In which language, where the flow speaks several. */
function Languages({ onChange }: { onChange: () => void }) {
  const { setting, set } = useSimulation();
  const own = useFlow((state) => state.document.language);
  const translations = useFlow((state) => state.document.translations);
  const languages = own && translations ? [own, ...Object.keys(translations)] : [];
  if (languages.length < 2) return null;
  const change = (language: string | null) => {
    set({ language });
    onChange();
  };
  return <Select className={styles.language} size="xs" aria-label="Their language" placeholder="In the language that is known of them" clearable data={languages.map((tag) => ({ value: tag, label: languageName(tag) }))} value={setting.language} onChange={change} />;
}
