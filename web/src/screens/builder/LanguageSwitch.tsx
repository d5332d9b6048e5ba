import { Select } from "@mantine/core";

import { useView, useViewStore } from "@/canvas/view";
import { useFlow } from "@/flow/store";
import { languageName } from "@/flow/translation";

const ALL = "*";

/** The language in which the flow is shown; nothing for a flow in one language. */
export default function LanguageSwitch() {
  const own = useFlow((state) => state.document.language);
  const translations = useFlow((state) => state.document.translations);
  const shown = useView((view) => view.language);
  const view = useViewStore();
  const tags = Object.keys(translations ?? {});
  if (!own || !tags.length) return null;
  const pick = (next: string | null) => view.getState().set(next === ALL ? { sheet: "languages" } : { language: next === own ? null : next });
  const data = [own, ...tags].map((tag) => ({ value: tag, label: languageName(tag) }));
  return <Select w={{ base: 108, lg: 130 }} mr={6} aria-label="Language that is shown" data={[...data, { value: ALL, label: "All texts…" }]} value={shown !== null && tags.includes(shown) ? shown : own} onChange={pick} allowDeselect={false} comboboxProps={{ width: 180, position: "bottom-end" }} />;
}
