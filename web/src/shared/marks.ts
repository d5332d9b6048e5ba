// How chats mark text: *bold*, _italic_, ~struck~ and ```typed```. Parsed into parts, never into HTML.

export interface Part {
  text: string;
  marks: readonly Mark[];
}
export type Mark = "bold" | "italic" | "struck" | "typed";

const SIGNS: Record<string, Mark> = { "*": "bold", _: "italic", "~": "struck" };
const TYPED = "```";
// A sign counts at the edge of a word, around text without a space at its ends, in one line.
const MARKED = /(?<![\p{L}\p{N}])([*_~])(?=\S)([^\n]*?\S)\1(?![\p{L}\p{N}])/u;

/** The text in parts with their marks: `a *b*` is "a " and a bold "b". Marks may stand within marks. */
export function parts(text: string, around: readonly Mark[] = []): Part[] {
  const typed = text.indexOf(TYPED);
  const end = typed < 0 ? -1 : text.indexOf(TYPED, typed + TYPED.length);
  if (end > typed + TYPED.length) {
    return [...parts(text.slice(0, typed), around), { text: text.slice(typed + TYPED.length, end), marks: [...around, "typed"] }, ...parts(text.slice(end + TYPED.length), around)];
  }
  const found = MARKED.exec(text);
  if (!found) return text ? [{ text, marks: around }] : [];
  const [whole, sign = "", inner = ""] = found;
  const [before, after] = [text.slice(0, found.index), text.slice(found.index + whole.length)];
  const mark = SIGNS[sign];
  return [...(before ? [{ text: before, marks: around }] : []), ...parts(inner, mark ? [...around, mark] : around), ...parts(after, around)];
}
