/** One message's content as DOM: a renderer per kind; an unknown kind says so instead of showing nothing. */

import { bidi, button, icon, make } from "./dom.js";
import { anchor, safeLink, safeMedia } from "./link.js";
import { isEmoji, write } from "./markup.js";
import { openImage, openList } from "./sheet.js";

function text(value, className = "text") {
  const element = make(`div.${className}`);
  element.dir = "auto";
  return write(element, value);
}

function caption(content) {
  return content.caption ? text(content.caption, "text caption") : null;
}

function source(content, local) {
  return safeMedia(local?.preview ?? content.url);
}

function image(content, { words, local }) {
  const from = source(content, local);
  if (from === null) return file(content, { words, local });
  const picture = make("img.picture");
  picture.src = from;
  picture.alt = content.caption || content.name || words.image;
  picture.loading = "lazy";
  picture.decoding = "async";
  const zoom = button("media-button", words.image, picture);
  zoom.addEventListener("click", () => openImage({ source: from, caption: content.caption, words }));
  const fragment = make("div.media", zoom);
  picture.addEventListener("error", () => zoom.replaceWith(file(content, { words, local })));
  fragment.append(caption(content) ?? "");
  return fragment;
}

function player(tag) {
  return (content, context) => {
    const from = source(content, context.local);
    if (from === null) return file(content, context);
    const element = make(`${tag}.${tag}`);
    element.controls = true;
    element.preload = "metadata";
    element.src = from;
    element.setAttribute("aria-label", content.name || context.words[tag]);
    if (tag === "video") element.playsInline = true;
    return make("div.media", element, caption(content));
  };
}

function file(content, { words, local }) {
  const href = safeLink(content.url) ?? safeMedia(local?.preview);
  const name = content.name || words[content.kind] || words.document;
  const ending = /\.([a-z0-9]{1,5})$/iu.exec(name)?.[1] ?? content.mime?.split("/")[1]?.slice(0, 5) ?? "";
  const face = make("span.file-face", icon("file"));
  const label = make("span.file-label", bidi("span.file-name", name), make("span.file-kind", ending.toUpperCase() || words.document));
  const card = href === null ? make("div.file", face, label) : make("a.file", face, label);
  if (href !== null) {
    card.href = href;
    card.target = "_blank";
    card.rel = "noopener noreferrer";
    card.download = content.name || "";
  }
  return make("div.media", card, caption(content));
}

function location(content, { words }) {
  const latitude = Number(content.latitude);
  const longitude = Number(content.longitude);
  const known = Number.isFinite(latitude) && Number.isFinite(longitude);
  const place = `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`;
  const card = make("div.location", make("div.map", icon("pin", "icon map-pin")));
  const label = make("div.location-label", bidi("div.location-name", content.name || words.yourLocation));
  if (content.address || known) label.append(bidi("div.location-address", content.address || place));
  if (known) {
    const mark = `mlat=${latitude}&mlon=${longitude}#map=16/${latitude}/${longitude}`;
    label.append(anchor(`https://www.openstreetmap.org/?${mark}`, words.map));
  }
  card.append(label);
  return card;
}

function prompt(content) {
  return make("div", content.header ? bidi("div.prompt-header", content.header) : null, text(content.text),
    content.footer ? bidi("div.prompt-footer", content.footer) : null);
}

const KINDS = {
  text: (content) => text(content.text, isEmoji(content.text) ? "text emoji" : "text"),
  choice: (content) => text(content.title),
  image,
  video: player("video"),
  audio: player("audio"),
  document: file,
  location,
  buttons: prompt,
  list: prompt,
  template: prompt,
};

/** What stands in the bubble. `context`: `{words, local}`, where `local.preview` is a blob: of a file still going up. */
export function renderContent(content, context) {
  const kind = Object.hasOwn(KINDS, content.kind) ? KINDS[content.kind] : null;
  return kind ? kind(content, context) : make("div.text.unsupported", context.words.unsupported);
}

/** What can be tapped below the bubble, or null: `update(picked)` marks what was chosen. */
export function renderChoices(content, { words, onPick, picked }) {
  if (content.kind === "list") return listOpener(content, { words, onPick, picked });
  const items = Array.isArray(content.buttons) ? content.buttons : [];
  if (!["buttons", "template"].includes(content.kind) || items.length === 0) return null;
  const group = make("div.choices");
  group.setAttribute("role", "group");
  const made = items.map((item) => {
    const href = safeLink(item.url);
    if (item.url && href !== null) {
      const link = anchor(href, item.title);
      link.className = "choice";
      group.append(link);
      return null;
    }
    const element = button("choice", "", bidi("span", item.title), icon("check"));
    element.addEventListener("click", () => onPick(item));
    group.append(element);
    return [item.id, element];
  });
  function update(now) {
    group.classList.toggle("answered", now.size > 0);
    for (const pair of made) {
      if (pair === null) continue;
      const [id, element] = pair;
      element.disabled = now.has(id);
      element.classList.toggle("picked", now.has(id));
      if (now.has(id)) element.setAttribute("aria-label", `${element.textContent} (${words.chosen})`);
      else element.removeAttribute("aria-label");
    }
  }
  update(picked);
  return { element: group, update };
}

function listOpener(content, { words, onPick, picked }) {
  const sections = (Array.isArray(content.sections) ? content.sections : []).filter(Boolean);
  let now = picked;
  const opener = button("choice", "", icon("list"), bidi("span", content.button || words.choose));
  opener.setAttribute("aria-haspopup", "dialog");
  opener.addEventListener("click", () => openList({ title: content.button, sections, picked: now, words, onPick }));
  const group = make("div.choices", opener);
  const update = (next) => {
    now = next;
    group.classList.toggle("answered", next.size > 0);
  };
  update(picked);
  return { element: group, update };
}
