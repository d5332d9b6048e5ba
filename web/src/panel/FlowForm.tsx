import { ActionIcon, Anchor, Button, Code, Group, NumberInput, Select, Stack, TagsInput, Text, Textarea, TextInput, Title, Tooltip } from "@mantine/core";
import { IconLanguage, IconLogin2, IconLogout2, IconPlus, IconTrash } from "@tabler/icons-react";
import { Link } from "wouter";

import { MOST_SHOWN, useChoices } from "@/canvas/names";
import { useViewStore } from "@/canvas/view";
import type { Json, Variable } from "@/flow/document";
import { amount } from "@/flow/duration";
import { useFlow } from "@/flow/store";
import { languageName } from "@/flow/translation";
import { Span } from "@/form/widget/Span";
import { useActions } from "@/screens/builder/context";

import styles from "./Panel.module.css";

const TYPES = ["text", "number", "boolean", "date", "list", "object"];
const UNWIRED = [
  { value: "end", label: "End the flow" },
  { value: "handoff", label: "Bring in a person" },
];
const UNFIT = [
  { value: "error", label: "The same as when something fails" },
  { value: "repeat", label: "Ask once more from the beginning" },
  { value: "handoff", label: "Bring in a person" },
  { value: "end", label: "End the flow" },
];
const NO_SETTINGS: Record<string, Json> = {};
const NO_VARIABLES: Variable[] = [];

/** What holds for the whole flow: what happens where nothing is drawn, hand-overs, variables. */
export function FlowForm() {
  const settings = useFlow((state) => state.document.settings ?? NO_SETTINGS);
  const readOnly = useFlow((state) => state.readOnly);
  const teams = useChoices("team");
  const flows = useChoices("flow");
  const { setSetting } = useActions();
  const days = amount(typeof settings.expires_after === "string" ? settings.expires_after : "P30D");
  return (
    <div className={styles.body}>
      <fieldset className={styles.fields} disabled={readOnly}>
      <Stack gap="md" pt="xs">
        <div>
          <Title order={3}>This flow</Title>
          <Text size="sm" c="dimmed">
            Select a step to edit it. These settings hold for the whole flow.
          </Text>
        </div>
        <Heading title="Where no way out is drawn" about="A way out of a step that leads nowhere does this." />
        <Select label="When something fails and no way out is drawn" data={UNWIRED} value={String(settings.on_error ?? "end")} onChange={(next) => setSetting("on_error", next)} allowDeselect={false} />
        <Select label="When a run has failed, start" description="A flow for the same contact, such as an apology. It may take what failed as inputs." placeholder="Nothing" clearable searchable limit={MOST_SHOWN} data={flows.map((each) => ({ value: each.value, label: each.label }))} value={typeof settings.error_flow === "string" ? settings.error_flow : null} onChange={(next) => setSetting("error_flow", next)} />
        <Select label="When time is up and no way out is drawn" data={UNWIRED} value={String(settings.on_timeout ?? "end")} onChange={(next) => setSetting("on_timeout", next)} allowDeselect={false} />
        <Select label="When an answer still doesn’t fit" description="After it was asked again as often as the step says." data={UNFIT} value={String(settings.on_no_match ?? "error")} onChange={(next) => setSetting("on_no_match", next)} allowDeselect={false} />
        <Span label="Questions wait at most" description="Those that don’t say it themselves." placeholder="Until the run ends" value={typeof settings.reply_timeout === "string" ? settings.reply_timeout : ""} onChange={(next) => setSetting("reply_timeout", next)} disabled={readOnly} />
        <Textarea label="What is said to an answer that doesn’t fit" description="By questions that have no words of their own for it." placeholder="A sentence that says what is expected" autosize minRows={1} maxLength={1000} value={typeof settings.retry_text === "string" ? settings.retry_text : ""} onChange={(event) => setSetting("retry_text", event.currentTarget.value)} />
        <NumberInput label="Runs end after" suffix=" days" min={1} max={366} allowDecimal={false} value={days.unit === "days" ? days.value : 30} onChange={(next) => typeof next === "number" && next > 0 && setSetting("expires_after", `P${next}D`)} />
        <Heading title="Bringing in a person" about="The flow stops here, and whoever has time goes on in Conversations." />
        <TagsInput label="Words that bring in a person" description="While the flow waits for an answer." value={Array.isArray(settings.handoff_words) ? settings.handoff_words.map(String) : []} onChange={(next) => setSetting("handoff_words", next)} splitChars={[","]} acceptValueOnBlur />
        <NumberInput label="Bring in a person after so many unfit answers" min={1} max={20} placeholder="Never" value={typeof settings.handoff_after_invalid === "number" ? settings.handoff_after_invalid : ""} onChange={(next) => setSetting("handoff_after_invalid", typeof next === "number" ? next : null)} />
        <Select label="Team for these" placeholder="Everyone" clearable searchable data={teams.map((each) => ({ value: each.value, label: each.label }))} value={typeof settings.handoff_team === "string" ? settings.handoff_team : null} onChange={(next) => setSetting("handoff_team", next)} />
        <Textarea label="What is said then" description="With merge fields, such as {{contact.first_name}}." autosize minRows={2} maxLength={1000} value={typeof settings.handoff_text === "string" ? settings.handoff_text : ""} onChange={(event) => setSetting("handoff_text", event.currentTarget.value)} />
        <Variables />
        <Languages />
        <FromWorkspace />
      </Stack>
      </fieldset>
    </div>
  );
}

/** In which languages the flow speaks; the dialog behind it does the rest. */
function Languages() {
  const own = useFlow((state) => state.document.language);
  const translations = useFlow((state) => state.document.translations);
  const view = useViewStore();
  const tags = Object.keys(translations ?? {});
  return (
    <Stack gap={8}>
      <div>
        <Title order={3}>Languages</Title>
        <Text size="sm" c="dimmed">
          {own ? [own, ...tags].map(languageName).join(", ") : "Say it to each contact in their own language."}
        </Text>
      </div>
      <Button variant="default" leftSection={<IconLanguage size={15} />} onClick={() => view.getState().set({ sheet: "languages" })}>
        {tags.length ? "Languages and texts" : "Add a language"}
      </Button>
    </Stack>
  );
}

function Heading({ title, about }: { title: string; about: string }) {
  return (
    <div>
      <Title order={3}>{title}</Title>
      <Text size="sm" c="dimmed">
        {about}
      </Text>
    </div>
  );
}

/** What all flows share: named values and opening hours, which Settings keeps. */
function FromWorkspace() {
  const values = useChoices("global");
  const hours = useChoices("hours_key");
  const shown = [...values.map((each) => `global.${each.value}`), ...hours.map((each) => `hours.${each.value}`)];
  return (
    <Stack gap={8}>
      <Heading title="From the workspace" about="Values and opening hours that all flows share. A change there counts at once." />
      <Group gap={6}>
        {shown.map((path) => (
          <Code key={path}>{path}</Code>
        ))}
      </Group>
      <Group gap="md">
        <Anchor component={Link} href="/settings/variables" size="sm">
          Change the variables
        </Anchor>
        <Anchor component={Link} href="/settings/hours" size="sm">
          Change the opening hours
        </Anchor>
      </Group>
    </Stack>
  );
}

/** The flow's variables with their kinds and what they start as. */
function Variables() {
  const variables = useFlow((state) => state.document.variables ?? NO_VARIABLES);
  const edit = useFlow((state) => state.edit);
  const say = (next: Variable[], key = "") => edit((document) => ({ ...document, variables: next }), key);
  const change = (index: number, part: Partial<Variable>) => say(variables.map((each, at) => (at === index ? { ...each, ...part } : each)), `variable ${index}`);
  const fresh = () => {
    let number = variables.length + 1;
    while (variables.some((each) => each.name === `variable_${number}`)) number += 1;
    return `variable_${number}`;
  };
  return (
    <Stack gap={8}>
      <div>
        <Title order={3}>Variables</Title>
        <Text size="sm" c="dimmed">
          What the flow remembers while it runs. Where another flow runs this one, the arrows say what it is given and gives back.
        </Text>
      </div>
      {variables.map((variable, index) => (
        <Group key={index} gap={6} wrap="nowrap">
          <TextInput style={{ flex: 1.2 }} aria-label={`Name of variable ${index + 1}`} value={variable.name} onChange={(event) => change(index, { name: event.currentTarget.value.replace(/[^A-Za-z0-9_]/g, "_") })} />
          <Select w={96} aria-label={`Kind of ${variable.name}`} data={TYPES} value={variable.type ?? "text"} onChange={(type) => type && change(index, { type })} allowDeselect={false} />
          <TextInput
            style={{ flex: 1 }}
            aria-label={`What ${variable.name} starts as`}
            placeholder="Starts empty"
            value={variable.default === undefined || variable.default === null ? "" : String(variable.default)}
            onChange={(event) => change(index, { default: begun(event.currentTarget.value, variable.type) })}
            disabled={variable.type === "object" || variable.type === "list"}
          />
          <Tooltip label="Given: a flow that runs this one may say what it starts as" withArrow>
            <ActionIcon variant={variable.input ? "light" : "subtle"} color={variable.input ? "indigo" : "gray"} aria-pressed={variable.input ?? false} aria-label={`${variable.name} is given by a flow that runs this one`} onClick={() => change(index, { input: !variable.input })}>
              <IconLogin2 size={15} />
            </ActionIcon>
          </Tooltip>
          <Tooltip label="Given back: a flow that runs this one gets its value" withArrow>
            <ActionIcon variant={variable.output ? "light" : "subtle"} color={variable.output ? "indigo" : "gray"} aria-pressed={variable.output ?? false} aria-label={`${variable.name} is given back to a flow that runs this one`} onClick={() => change(index, { output: !variable.output })}>
              <IconLogout2 size={15} />
            </ActionIcon>
          </Tooltip>
          <ActionIcon aria-label={`Remove ${variable.name}`} onClick={() => say(variables.filter((_, at) => at !== index))}>
            <IconTrash size={15} />
          </ActionIcon>
        </Group>
      ))}
      <Button variant="default" leftSection={<IconPlus size={15} />} onClick={() => say([...variables, { name: fresh(), type: "text" }])}>
        Add a variable
      </Button>
    </Stack>
  );
}

/** What was typed, as a value of the variable's kind. */
function begun(text: string, type = "text"): Json {
  if (text === "") return null;
  if (type === "number" && Number.isFinite(Number(text))) return Number(text);
  if (type === "boolean" && /^(true|false)$/i.test(text)) return text.toLowerCase() === "true";
  return text;
}
