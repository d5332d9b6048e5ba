import { Badge, Button, Group, Text, Textarea } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";

import { useFlow } from "@/flow/store";
import { languageName, stateOf, type Text as FlowText, translate } from "@/flow/translation";

import styles from "./Translating.module.css";

interface Props {
  text: FlowText;
  label: string;
  language: string;
}

/** A text and what is said for it in another language. Typing makes it one of the text as it is now. */
export function TranslationField({ text, label, language }: Props) {
  const { place, text: source } = text;
  const own = useFlow((state) => state.document.language);
  const translation = useFlow((state) => state.document.translations?.[language]?.[place]);
  const trouble = useFlow((state) => state.checked.problems.find((each) => each.pointer === `${pointerOf(language, place)}/text`));
  const edit = useFlow((state) => state.edit);
  const readOnly = useFlow((state) => state.readOnly);
  const say = (next: string) => edit((document) => translate(document, language, place, next, source), `translate ${language} ${place}`);
  const state = stateOf(text, translation);
  return (
    <div className={styles.field} data-place={place}>
      <Group justify="space-between" gap={6} wrap="nowrap">
        <Text size="sm" fw={560}>
          {label}
        </Text>
        {state === "missing" && <Badge color="orange">Missing</Badge>}
        {state === "stale" && <Badge color="orange">Text has changed</Badge>}
      </Group>
      <p className={styles.source} lang={own ?? undefined} dir="auto">
        {source}
      </p>
      <Textarea
        aria-label={`${label} in ${languageName(language)}`}
        placeholder={`In ${languageName(language)}`}
        lang={language}
        dir="auto"
        autosize
        minRows={1}
        maxRows={10}
        value={translation?.text ?? ""}
        onChange={(event) => say(event.currentTarget.value)}
        disabled={readOnly}
        error={trouble?.message}
      />
      {state === "stale" && translation && (
        <Group gap={8} mt={6} justify="space-between" wrap="nowrap" align="flex-start">
          <Text size="xs" c="dimmed">
            It was translated from “{translation.source}”
          </Text>
          <Button size="compact-xs" variant="default" leftSection={<IconCheck size={13} />} onClick={() => say(translation.text)} disabled={readOnly} style={{ flex: "none" }}>
            Still right
          </Button>
        </Group>
      )}
    </div>
  );
}

/** Where a translation stands in the document (RFC 6901). */
export const pointerOf = (language: string, place: string): string => `/translations/${language}/${place.replaceAll("~", "~0").replaceAll("/", "~1")}`;
