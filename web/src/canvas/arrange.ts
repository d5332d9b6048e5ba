// What belongs together when a flow is tidied up, and how its parts stand beside each other. Pure: elk lays out each part.
import type { FlowDocument, Note, Point } from "@/flow/document";

export interface Size {
  width: number;
  height: number;
}

/** How far from a card a note may stand and still be about it. */
const NEAR = 160;
/** Between a note and its card. */
export const ABOVE = 14;
const APART = 80;

/** The steps in parts that edges hold together: those with a start first, then those that nothing reaches. */
export function partsOf(document: FlowDocument, starts: (id: string) => boolean): string[][] {
  const part = new Map(document.nodes.map(({ id }) => [id, [id]]));
  for (const { from, to } of document.edges) {
    const [one, other] = [part.get(from), part.get(to)];
    if (!one || !other || one === other) continue;
    one.push(...other);
    for (const id of other) part.set(id, one);
  }
  const parts = [...new Set(part.values())];
  const rank = (ids: string[]) => (ids.some(starts) ? 0 : ids.length > 1 ? 1 : 2);
  return parts.sort((one, other) => rank(one) - rank(other));
}

/** The card that each note is about, where one is near; notes that stand alone are in no list. */
export function notesOf(notes: readonly Note[], cards: ReadonlyMap<string, Point & Size>): Map<string, Note[]> {
  const found = new Map<string, Note[]>();
  for (const note of notes) {
    let [best, least]: [string | undefined, number] = [undefined, NEAR];
    for (const [id, card] of cards) {
      const away = Math.hypot(gap(note.x, note.width, card.x, card.width), gap(note.y, note.height, card.y, card.height));
      if (away <= least) [best, least] = [id, away];
    }
    if (best !== undefined) found.set(best, [...(found.get(best) ?? []), note]);
  }
  return found;
}

const gap = (one: number, long: number, other: number, wide: number) => Math.max(0, other - (one + long), one - (other + wide));

/** The room that a card takes with the notes above it. */
export function withNotes(card: Size, notes: readonly Size[]): Size & { top: number } {
  const top = notes.reduce((sum, note) => sum + note.height + ABOVE, 0);
  return { width: Math.max(card.width, ...notes.map((note) => note.width)), height: card.height + top, top };
}

export interface Laid {
  size: Size;
  places: Record<string, Point>;
  /** It begins a row of its own. */
  row: boolean;
}

/** Puts the parts below each other, and small ones side by side while they fit into the width. */
export function stacked(parts: readonly Laid[]): Record<string, Point> {
  const widest = Math.max(0, ...parts.map((part) => part.size.width));
  const places: Record<string, Point> = {};
  let [x, y, high] = [0, 0, 0];
  for (const part of parts) {
    if (high && (part.row || x + part.size.width > widest)) [x, y, high] = [0, y + high + APART, 0];
    for (const [id, at] of Object.entries(part.places)) places[id] = { x: Math.round(x + at.x), y: Math.round(y + at.y) };
    x += part.size.width + APART;
    high = Math.max(high, part.size.height);
  }
  return places;
}
