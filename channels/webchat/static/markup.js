/** Text as WhatsApp writes it (*bold* _italic_ ~strike~ `code` ```block```) and links, as DOM nodes made of text. */

import { anchor, safeLink } from "./link.js";

const ADDRESS = /\b(?:https?:\/\/|www\.)[^\s<>"'`]+|\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}\b/giu;
const MARKS = { "*": "strong", _: "em", "~": "s" };
const DEEPEST = 4; // Nesting beyond this is noise, and bounds the work on hostile text.
const EMOJI_ONLY = /^(?:\p{Extended_Pictographic}[\p{Emoji_Modifier}\u200d\ufe0f]*\s*){1,3}$/u;

function trim(address) {
  let text = address.replace(/[.,;:!?*_~'"\]}>]+$/u, "");
  while (text.endsWith(")") && text.split("(").length < text.split(")").length) text = text.slice(0, -1);
  return text;
}

function linkify(target, text) {
  let done = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const shown = trim(match[0]);
    const lower = shown.toLowerCase();
    const named = lower.startsWith("http") ? shown : lower.startsWith("www.") ? `https://${shown}` : `mailto:${shown}`;
    const href = safeLink(named);
    if (href === null) continue;
    target.append(text.slice(done, match.index), anchor(href, shown));
    done = match.index + shown.length;
  }
  target.append(text.slice(done));
}

const wordy = (character) => character !== undefined && /[\p{L}\p{N}]/u.test(character);

/** Where the mark at `start` closes, or -1: it hugs its text, stays on its line and stands between words. */
function closing(text, start, mark) {
  if (wordy(text[start - 1]) || /\s/u.test(text[start + 1] ?? " ") || text[start + 1] === mark) return -1;
  for (let index = start + 2; index < text.length && text[index] !== "\n"; index += 1) {
    if (text[index] === mark && !/\s/u.test(text[index - 1]) && !wordy(text[index + 1])) return index;
  }
  return -1;
}

function spans(target, text, depth, addresses) {
  let plain = 0;
  let index = 0;
  let next = 0;
  while (index < text.length) {
    while (next < addresses.length && addresses[next].end <= index) next += 1;
    if (next < addresses.length && index >= addresses[next].start) {
      index = addresses[next].end; // An underscore inside an address is part of the address.
      continue;
    }
    const mark = text[index];
    if (mark === "`" || (MARKS[mark] && depth < DEEPEST)) {
      const end = closing(text, index, mark);
      if (end > 0) {
        linkify(target, text.slice(plain, index));
        const inner = text.slice(index + 1, end);
        const element = document.createElement(mark === "`" ? "code" : MARKS[mark]);
        if (mark === "`") element.textContent = inner;
        else spans(element, inner, depth + 1, findAddresses(inner));
        target.append(element);
        index = end + 1;
        plain = index;
        continue;
      }
    }
    index += 1;
  }
  linkify(target, text.slice(plain));
}

function findAddresses(text) {
  return [...text.matchAll(ADDRESS)].map((match) => ({ start: match.index, end: match.index + trim(match[0]).length }));
}

/** Writes `text` into `target`; newlines are kept by CSS (white-space: pre-wrap). */
export function write(target, text) {
  const source = String(text ?? "");
  source.split("```").forEach((part, position, parts) => {
    const fenced = position % 2 === 1 && position < parts.length - 1;
    if (fenced) {
      const block = document.createElement("pre");
      block.textContent = part.replace(/^\n|\n$/gu, "");
      target.append(block);
    } else {
      const lost = position % 2 === 1 ? "```" : "";
      spans(target, lost + part, 0, findAddresses(lost + part));
    }
  });
  return target;
}

/** True for one to three emoji and nothing else, which are shown large. */
export const isEmoji = (text) => EMOJI_ONLY.test(String(text ?? "").trim());
