/** What opens over the chat: the list of a list message, and one image seen large. Both are native modal dialogs. */

import { bidi, button, icon, make } from "./dom.js";

function present(dialog, onClose) {
  const back = document.activeElement;
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => {
    dialog.remove();
    back?.focus?.({ preventScroll: true });
    onClose?.();
  });
  document.body.append(dialog);
  dialog.showModal();
}

/** True while one of them is open: Escape then belongs to it, not to the chat. */
export const sheetIsOpen = () => document.querySelector("dialog[open]") !== null;

export function openList({ title, sections, picked, words, onPick }) {
  const dialog = make("dialog.sheet");
  const close = button("icon-button", words.closeDialog, icon("close"));
  close.addEventListener("click", () => dialog.close());
  const heading = bidi("h2.sheet-title", title || words.choose);
  const body = make("div.sheet-body");
  for (const section of sections) {
    if (section.title) body.append(bidi("h3.sheet-section", section.title));
    const rows = make("ul.sheet-rows");
    for (const row of section.rows ?? []) {
      const pick = button("sheet-row", "", make("span.sheet-row-text", bidi("span.sheet-row-title", row.title)));
      if (row.description) pick.firstChild.append(bidi("span.sheet-row-note", row.description));
      pick.append(make("span.radio"));
      if (picked.has(row.id)) {
        pick.classList.add("picked");
        pick.append(make("span.hidden-text", ` (${words.chosen})`));
      }
      pick.addEventListener("click", () => {
        dialog.close();
        onPick(row);
      });
      rows.append(make("li", pick));
    }
    body.append(rows);
  }
  dialog.setAttribute("aria-label", title || words.choose);
  dialog.append(make("div.sheet-card", make("header.sheet-head", heading, close), body));
  dialog.addEventListener("keydown", (event) => step(event, dialog));
  present(dialog);
  dialog.querySelector(".sheet-row")?.focus();
}

function step(event, dialog) {
  const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!move) return;
  const rows = [...dialog.querySelectorAll(".sheet-row")];
  const at = rows.indexOf(document.activeElement);
  rows[(at + move + rows.length) % rows.length]?.focus();
  event.preventDefault();
}

export function openImage({ source, caption, words }) {
  const dialog = make("dialog.lightbox");
  dialog.setAttribute("aria-label", caption || words.image);
  const close = button("icon-button", words.closeDialog, icon("close"));
  const link = make("a.icon-button", icon("out"));
  link.href = source;
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  link.title = words.open;
  link.setAttribute("aria-label", words.open);
  const picture = make("img");
  picture.src = source;
  picture.alt = caption || words.image;
  close.addEventListener("click", () => dialog.close());
  picture.addEventListener("click", () => dialog.close());
  dialog.append(make("div.lightbox-bar", link, close), picture);
  if (caption) dialog.append(bidi("p.lightbox-caption", caption));
  present(dialog);
  close.focus();
}
