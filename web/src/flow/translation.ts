// The texts of a flow in its other languages: pure functions from one document to the next. Places come from the server.
import type { Config, FlowDocument, FlowNode, Json, Translation, Translations } from "./document";

/** A text that contacts read, as the server shows it. */
export interface Text {
  place: string;
  pointer: string;
  text: string;
  words: boolean;
}

export type State = "translated" | "missing" | "stale" | "none";

/** How a text stands in a language; `none`: it holds no words, and has no translation. */
export function stateOf(text: Text, translation: Translation | undefined): State {
  if (!translation) return text.words ? "missing" : "none";
  return translation.source === text.text ? "translated" : "stale";
}

/** How many of some texts need a translation, have one, and have a stale one. */
export function progress(texts: readonly Text[], translations: Readonly<Record<string, Translation>>) {
  const states = texts.map((text) => stateOf(text, translations[text.place]));
  const count = (state: State) => states.filter((each) => each === state).length;
  const [missing, stale] = [count("missing"), count("stale")];
  return { all: states.length - count("none"), missing, stale, done: count("translated") };
}

/** The document with a text translated from `source`; an empty text takes the translation away. */
export function translate(document: FlowDocument, language: string, place: string, text: string, source: string): FlowDocument {
  const { [place]: _, ...rest } = document.translations?.[language] ?? {};
  return withLanguage(document, language, text.trim() ? { ...document.translations?.[language], [place]: { text, source } } : rest);
}

const withLanguage = (document: FlowDocument, language: string, texts: Record<string, Translation>): FlowDocument => ({
  ...document,
  translations: { ...document.translations, [language]: texts },
});

export const addLanguage = (document: FlowDocument, language: string): FlowDocument => withLanguage(document, language, document.translations?.[language] ?? {});

export function removeLanguage(document: FlowDocument, language: string): FlowDocument {
  const { [language]: _, ...translations } = document.translations ?? {};
  return { ...document, translations };
}

/** The language in which the nodes are written; one that it was translated into before has to be removed first. */
export const setOwnLanguage = (document: FlowDocument, language: string | null): FlowDocument => ({ ...document, language });

const below = (id: string) => `/nodes/${id}/config/`;

/** The translations without those of some nodes. */
export function withoutNodes(translations: Translations, ids: ReadonlySet<string>): Translations {
  const kept = (place: string) => !ids.has(place.split("/")[2] ?? "") || !place.startsWith("/nodes/");
  return mapped(translations, (texts) => Object.entries(texts).filter(([place]) => kept(place)));
}

/** The translations of some nodes alone. */
export function ofNodes(translations: Translations, ids: ReadonlySet<string>): Translations {
  return mapped(translations, (texts) => Object.entries(texts).filter(([place]) => [...ids].some((id) => place.startsWith(below(id)))));
}

/** Translations that were copied, put beside those of a flow under the nodes' new names, in the languages that the flow has. */
export function pasted(translations: Translations, found: Translations, renamed: ReadonlyMap<string, string>): Translations {
  return mapped(translations, (texts, tag) => {
    const added = Object.entries(found[tag] ?? {}).flatMap(([place, text]) => {
      const id = place.split("/")[2] ?? "";
      const name = renamed.get(id);
      return name === undefined ? [] : [[below(name) + place.slice(below(id).length), text] as [string, Translation]];
    });
    return [...Object.entries(texts), ...added];
  });
}

function mapped(translations: Translations, of: (texts: Record<string, Translation>, tag: string) => [string, Translation][]): Translations {
  return Object.fromEntries(Object.entries(translations).map(([tag, texts]) => [tag, Object.fromEntries(of(texts, tag))]));
}

/** A node's config with its texts in a language, as contacts hear it. */
export function spokenConfig(node: FlowNode, texts: readonly Text[], translations: Readonly<Record<string, Translation>> | undefined): Config {
  let config: Json = node.config ?? {};
  for (const { place, pointer } of texts) {
    const translation = translations?.[place];
    if (translation) config = put(config, pointer.split("/").slice(4), translation.text);
  }
  return config as Config;
}

function put(value: Json | undefined, [key, ...rest]: readonly string[], text: string): Json {
  if (key === undefined) return text;
  if (Array.isArray(value)) return value.map((each, index) => (String(index) === key ? put(each, rest, text) : each));
  const name = key.replaceAll("~1", "/").replaceAll("~0", "~");
  const inner = typeof value === "object" && value !== null ? value : {};
  return { ...inner, [name]: put(inner[name], rest, text) };
}

const NAMES = new Intl.DisplayNames(["en"], { type: "language" });

/** A language's name for people. */
export function languageName(tag: string): string {
  try {
    return NAMES.of(tag) ?? tag;
  } catch {
    return tag;
  }
}
