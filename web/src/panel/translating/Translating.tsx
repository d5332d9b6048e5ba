import { Anchor, Stack, Text } from "@mantine/core";

import { useViewStore } from "@/canvas/view";
import type { Config } from "@/flow/document";
import { useFlow } from "@/flow/store";
import { languageName, type Text as FlowText } from "@/flow/translation";

import { textLabel } from "./label";
import { TranslationField } from "./TranslationField";

const NO_TEXTS: readonly FlowText[] = [];
const NO_CONFIG: Config = {};

/** The texts of a step, or with "" those of the flow itself, in another language. */
export default function Translating({ id, language }: { id: string; language: string }) {
  const texts = useFlow((state) => state.checked.texts[id] ?? NO_TEXTS);
  const node = useFlow((state) => state.lookup.node.get(id));
  const type = useFlow((state) => state.types.get(node?.type ?? ""));
  const own = useFlow((state) => state.document.language);
  const view = useViewStore();
  const label = (text: FlowText) => (type ? textLabel(type.config_schema, node?.config ?? NO_CONFIG, text.pointer.replace(/^\/nodes\/\d+\/config/, "")) : "What is said when a person is brought in");
  return (
    <Stack gap="md">
      <Text size="sm" c="dimmed">
        You see the flow in {languageName(language)}. The texts themselves are written in{" "}
        <Anchor component="button" type="button" size="sm" onClick={() => view.getState().set({ language: null })}>
          {languageName(own ?? "")}
        </Anchor>
        .
      </Text>
      {texts.length === 0 && <Text size="sm">{id ? "This step says nothing to contacts." : "Select a step to translate what it says."}</Text>}
      {texts.map((text) => (
        <TranslationField key={text.place} text={text} label={label(text)} language={language} />
      ))}
      {!id && (
        <Anchor component="button" type="button" size="sm" ta="left" onClick={() => view.getState().set({ sheet: "languages" })}>
          All texts of the flow
        </Anchor>
      )}
    </Stack>
  );
}
