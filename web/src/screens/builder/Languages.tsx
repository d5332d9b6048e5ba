import { Anchor, Badge, Button, Divider, Group, Menu, Modal, Progress, SegmentedControl, Select, Stack, Text } from "@mantine/core";
import { IconDownload, IconTrash, IconUpload } from "@tabler/icons-react";
import { useState } from "react";

import { useView, useViewStore } from "@/canvas/view";
import type { Config, Translation, Translations } from "@/flow/document";
import { useFlow, useFlowStore } from "@/flow/store";
import { addLanguage, languageName, progress, removeLanguage, setOwnLanguage, stateOf, type State, type Text as FlowText, translate } from "@/flow/translation";
import { textLabel } from "@/panel/translating/label";
import { TranslationField } from "@/panel/translating/TranslationField";

import styles from "./Languages.module.css";
import { type Report, useTranslationFiles } from "./useTranslationFiles";

const TAGS =
  "af am ar az be bg bn bs ca cs cy da de de-AT de-CH el en en-GB en-US es es-MX et eu fa fi fil fr fr-CA ga gl gu ha he hi hr hu hy id ig is it ja jv ka kk km kn ko ky lo lt lv mg mk ml mn mr ms my nb ne nl nl-BE or pa pl ps pt pt-BR pt-PT ro ru rw sd si sk sl so sq sr sv sw ta te tg th ti tk tl tr uk ur uz vi xh yo zh zh-Hans zh-Hant zu".split(" ");
const FEW = 60;
const NO_TEXTS: readonly FlowText[] = [];
const NO_CONFIG: Config = {};
const NONE: Translations = {};
const NOTHING: Record<string, Translation> = {};

interface Entry {
  node: string;
  text: FlowText;
}

/** The languages of a flow, and all its texts in one of them. */
export default function Languages({ onClose }: { onClose: () => void }) {
  const own = useFlow((state) => state.document.language ?? null);
  const translations = useFlow((state) => state.document.translations ?? NONE);
  const edit = useFlow((state) => state.edit);
  const readOnly = useFlow((state) => state.readOnly);
  const shown = useView((view) => view.language);
  const tags = Object.keys(translations);
  const [chosen, setChosen] = useState(shown);
  const language = chosen !== null && tags.includes(chosen) ? chosen : (tags[0] ?? null);
  const options = (but: readonly string[]) => TAGS.filter((tag) => !but.includes(tag)).map((tag) => ({ value: tag, label: `${languageName(tag)} (${tag})` }));
  const add = (tag: string | null) => {
    if (!tag) return;
    edit((document) => addLanguage(document, tag));
    setChosen(tag);
  };
  return (
    <Modal opened onClose={onClose} size={980} title={<Text fw={620} size="lg">Languages</Text>}>
      <Stack gap="md">
        <Group align="flex-end" gap="md">
          <Select
            w={240}
            label="The texts are written in"
            placeholder="Choose a language"
            searchable
            data={withTag(options(tags), own)}
            value={own}
            onChange={(tag) => tag && edit((document) => setOwnLanguage(document, tag))}
            allowDeselect={false}
            disabled={readOnly}
          />
          <Select key={tags.length} w={240} label="Add a language" placeholder={own ? "Search" : "Choose the flow’s own first"} searchable data={options([...tags, own ?? ""])} value={null} onChange={add} disabled={readOnly || !own} />
        </Group>
        {language === null ? (
          <Text size="sm" c="dimmed">
            Contacts hear the flow in their own language where it has that, else in the workspace’s, else in the one it is written in.
          </Text>
        ) : (
          <>
            <SegmentedControl className={styles.tabs} data={tags.map((tag) => ({ value: tag, label: languageName(tag) }))} value={language} onChange={setChosen} aria-label="Language" />
            <OneLanguage key={language} language={language} onClose={onClose} />
          </>
        )}
      </Stack>
    </Modal>
  );
}

const withTag = (options: { value: string; label: string }[], tag: string | null) =>
  tag === null || options.some((each) => each.value === tag) ? options : [{ value: tag, label: `${languageName(tag)} (${tag})` }, ...options];

/** All texts in one language, to be translated one after the other or in a file. */
function OneLanguage({ language, onClose }: { language: string; onClose: () => void }) {
  const nodes = useFlow((state) => state.document.nodes);
  const texts = useFlow((state) => state.checked.texts);
  const translations = useFlow((state) => state.document.translations?.[language] ?? NOTHING);
  const edit = useFlow((state) => state.edit);
  const readOnly = useFlow((state) => state.readOnly);
  const [filter, setFilter] = useState<"all" | State>("all");
  const [kept, setKept] = useState<ReadonlySet<string> | null>(null);
  const [most, setMost] = useState(FEW);
  const files = useTranslationFiles(language);
  const entries: Entry[] = [...nodes.map((node) => node.id), ""].flatMap((node) => (texts[node] ?? NO_TEXTS).map((text) => ({ node, text })));
  const all = entries.map((each) => each.text);
  const { all: wanted, done, missing, stale } = progress(all, translations);
  // What stood in the filter when it was chosen stays until it is chosen again: a text must not vanish while it is typed.
  const choose = (next: string) => {
    const state = next as "all" | State;
    setFilter(state);
    setMost(FEW);
    setKept(state === "all" ? null : new Set(all.filter((text) => stateOf(text, translations[text.place]) === state).map((text) => text.place)));
  };
  const visible = kept ? entries.filter((each) => kept.has(each.text.place)) : entries;
  const known = new Set(all.map((text) => text.place));
  const gone = Object.keys(translations).filter((place) => !known.has(place));
  return (
    <Stack gap="md">
      <Group gap="sm" wrap="nowrap">
        <Progress.Root size={8} style={{ flex: 1 }}>
          <Progress.Section value={wanted ? (100 * done) / wanted : 100} color="teal" aria-label="Translated" />
          <Progress.Section value={wanted ? (100 * stale) / wanted : 0} color="orange" aria-label="Text has changed" />
        </Progress.Root>
        <Text size="sm" c="dimmed" style={{ whiteSpace: "nowrap", fontVariantNumeric: "tabular-nums" }}>
          {done} of {wanted} translated
        </Text>
      </Group>
      <Group justify="space-between" gap="xs">
        <SegmentedControl
          data={[
            { value: "all", label: "All" },
            { value: "missing", label: `Missing ${missing}` },
            { value: "stale", label: `Changed ${stale}` },
          ]}
          value={filter}
          onChange={choose}
          aria-label="Which texts"
        />
        <Group gap={8}>
          <Menu position="bottom-end">
            <Menu.Target>
              <Button variant="default" leftSection={<IconDownload size={15} />}>
                Export
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item onClick={() => void files.save("po")}>For translators’ tools (gettext PO)</Menu.Item>
              <Menu.Item onClick={() => void files.save("csv")}>For spreadsheets (CSV)</Menu.Item>
            </Menu.Dropdown>
          </Menu>
          <Button component="label" variant="default" leftSection={<IconUpload size={15} />} loading={files.busy} disabled={readOnly}>
            Import
            <input type="file" accept=".po,.csv" hidden aria-label="A translator’s file" onChange={(event) => void files.take(event.currentTarget)} />
          </Button>
          <Button
            variant="subtle"
            color="red"
            leftSection={<IconTrash size={15} />}
            onClick={() => edit((document) => removeLanguage(document, language))}
            disabled={readOnly}
            title="Ctrl Z brings it back"
          >
            Remove {languageName(language)}
          </Button>
        </Group>
      </Group>
      {files.report && <Told report={files.report} />}
      {entries.length === 0 && (
        <Text size="sm" c="dimmed">
          The flow says nothing yet. Add a step that does, then translate it here.
        </Text>
      )}
      {entries.length > 0 && visible.length === 0 && <Text size="sm">Nothing is left here.</Text>}
      <ul className={styles.list} aria-label="Texts">
        {visible.slice(0, most).map((entry, index) => (
          <li key={entry.text.place}>
            {entry.node !== visible[index - 1]?.node && <Step id={entry.node} onClose={onClose} />}
            <Row entry={entry} language={language} />
          </li>
        ))}
      </ul>
      {visible.length > most && (
        <Button variant="default" onClick={() => setMost(most + 4 * FEW)}>
          Show more ({visible.length - most})
        </Button>
      )}
      {gone.length > 0 && (
        <Group gap={8}>
          <Badge color="gray">{gone.length}</Badge>
          <Text size="sm" c="dimmed">
            translated texts are not in the flow any more.
          </Text>
          <Button size="compact-sm" variant="default" disabled={readOnly} onClick={() => edit((document) => gone.reduce((next, place) => translate(next, language, place, "", ""), document))}>
            Remove them
          </Button>
        </Group>
      )}
    </Stack>
  );
}

/** The step that the next texts are said by; it leads there. */
function Step({ id, onClose }: { id: string; onClose: () => void }) {
  const node = useFlow((state) => state.lookup.node.get(id));
  const types = useFlow((state) => state.types);
  const view = useViewStore();
  if (!node) return <Divider label="The flow" labelPosition="left" my="xs" />;
  const go = () => {
    onClose();
    view.getState().select([id]);
    view.getState().set({ centre: id, panel: "configure" });
  };
  const label = (
    <Anchor component="button" type="button" size="xs" onClick={go}>
      {node.label || types.get(node.type)?.label || node.type}
    </Anchor>
  );
  return <Divider label={label} labelPosition="left" my="xs" />;
}

function Row({ entry, language }: { entry: Entry; language: string }) {
  const { lookup, types } = useFlowStore().getState();
  const node = lookup.node.get(entry.node);
  const type = types.get(node?.type ?? "");
  const label = type ? textLabel(type.config_schema, node?.config ?? NO_CONFIG, entry.text.pointer.replace(/^\/nodes\/\d+\/config/, "")) : "What is said when a person is brought in";
  return <TranslationField text={entry.text} label={label} language={language} />;
}

/** What came of an import. */
function Told({ report }: { report: Report }) {
  const { applied, unchanged, missing, stale, unknown, refused } = report;
  const parts = [`${applied} taken`, `${unchanged} unchanged`, missing && `${missing} without a translation`, stale.length && `${stale.length} of a text that has changed since`, unknown.length && `${unknown.length} of texts that are not in this flow`];
  return (
    <div className={styles.report} role="status">
      <Text size="sm">{parts.filter(Boolean).join(", ")}.</Text>
      {refused.length > 0 && (
        <ul>
          {refused.map(({ place, reason }) => (
            <li key={place}>
              <code>{place}</code> was refused. {reason}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
