import { useMemo } from "react";

import type { Config } from "@/flow/document";
import { useFlow } from "@/flow/store";
import { spokenConfig } from "@/flow/translation";

import { useView } from "./view";

/** The other language in which the flow is shown; null for its own, and for one that it doesn't have any more. */
export function useLanguage(): string | null {
  const chosen = useView((view) => view.language);
  return useFlow((state) => (chosen !== null && state.document.translations?.[chosen] ? chosen : null));
}

/** A node's config with its texts in the language that is shown. */
export function useSpokenConfig(id: string): Config | undefined {
  const language = useLanguage();
  const node = useFlow((state) => state.lookup.node.get(id));
  const texts = useFlow((state) => (language === null ? undefined : state.checked.texts[id]));
  const translations = useFlow((state) => (language === null ? undefined : state.document.translations?.[language]));
  return useMemo(() => (node && texts && translations ? spokenConfig(node, texts, translations) : node?.config), [node, texts, translations]);
}
