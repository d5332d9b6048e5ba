/** Where the visitor writes: text that grows, files by button, paste or drop, and a place on the map. */

import { bidi, button, icon, make } from "./dom.js";

const LONGEST_TEXT = 4096; // WhatsApp's limit too, so that a flow sees the same lengths everywhere.
const TALLEST_PX = 144;
const TYPING_EVERY_MS = 3_000;
const MEGABYTE = 1024 * 1024;

export function kindOf(mime) {
  const [family] = String(mime).split("/");
  return ["image", "video", "audio"].includes(family) && mime !== "image/svg+xml" ? family : "document";
}

/** `on`: `text(text)`, `files([{file, caption}])`, `location({latitude, longitude})`, `typing()`, `complain(sentence)`. */
export function createComposer({ root, dropZone, config, words, draft, on }) {
  const field = make("textarea.field");
  field.rows = 1;
  field.maxLength = LONGEST_TEXT;
  field.placeholder = config.placeholder || words.placeholder;
  field.setAttribute("aria-label", words.message);
  field.setAttribute("enterkeyhint", "send");
  const send = button("send", words.send, icon("send"));
  send.type = "submit";
  const clip = button("icon-button", words.attach, icon("clip"));
  const pin = button("icon-button", words.location, icon("pin"));
  const picker = make("input.hidden-text");
  picker.type = "file";
  picker.multiple = true;
  picker.tabIndex = -1;
  picker.setAttribute("aria-hidden", "true");
  const tray = make("ul.tray");
  tray.hidden = true;
  const form = make("form.composer", tray, make("div.bar", clip, pin, field, send), picker);
  const veil = make("div.veil", words.drop);
  veil.hidden = true;
  root.append(form);
  dropZone.append(veil);
  pin.hidden = !("geolocation" in navigator) || !window.isSecureContext;

  let files = [];
  let typedAt = 0;

  function refresh() {
    field.dir = field.value === "" ? "" : "auto"; // An empty field follows the page, so that its placeholder reads right.
    field.style.height = "auto";
    field.style.height = `${Math.min(field.scrollHeight, TALLEST_PX)}px`;
    send.disabled = field.value.trim() === "" && files.length === 0;
    tray.hidden = files.length === 0;
  }

  function add(list) {
    const limit = Number(config.max_upload_bytes) || Infinity;
    for (const file of list) {
      if (file.size > limit) {
        on.complain(words.tooBig.replace("{limit}", `${Math.max(1, Math.floor(limit / MEGABYTE))} MB`));
        continue;
      }
      const entry = { file, preview: kindOf(file.type) === "image" ? URL.createObjectURL(file) : null };
      const thumb = make(entry.preview ? "img" : "span.file-face", ...(entry.preview ? [] : [icon("file")]));
      if (entry.preview) Object.assign(thumb, { src: entry.preview, alt: "" });
      const remove = button("icon-button", `${words.remove}: ${file.name}`, icon("close"));
      const chip = make("li.chip", thumb, bidi("span.chip-name", file.name), remove);
      remove.addEventListener("click", () => {
        files = files.filter((other) => other !== entry);
        chip.remove();
        refresh();
        field.focus();
      });
      files.push(entry);
      tray.append(chip);
    }
    refresh();
    field.focus();
  }

  function submit() {
    const text = field.value.trim();
    if (text === "" && files.length === 0) return;
    if (files.length > 0) on.files(files.map((entry, index) => ({ ...entry, caption: index === 0 ? text : "" })));
    else on.text(text);
    files = [];
    tray.replaceChildren();
    field.value = "";
    draft.set("");
    typedAt = 0;
    refresh();
    field.focus();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  field.addEventListener("keydown", (event) => {
    // While an input method composes (Japanese, Chinese), Enter belongs to it.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    submit();
  });
  field.addEventListener("input", () => {
    refresh();
    draft.set(field.value);
    const now = performance.now();
    if (field.value.trim() === "" || (typedAt > 0 && now - typedAt < TYPING_EVERY_MS)) return;
    typedAt = now;
    on.typing();
  });
  field.addEventListener("paste", (event) => {
    const pasted = [...(event.clipboardData?.files ?? [])];
    if (pasted.length === 0) return;
    event.preventDefault();
    add(pasted);
  });
  clip.addEventListener("click", () => picker.click());
  picker.addEventListener("change", () => {
    add(picker.files);
    picker.value = "";
  });
  pin.addEventListener("click", () => {
    pin.disabled = true;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        pin.disabled = false;
        on.location({ latitude: coords.latitude, longitude: coords.longitude });
      },
      () => {
        pin.disabled = false;
        on.complain(words.noLocation);
      },
      { timeout: 15_000, maximumAge: 60_000 },
    );
  });
  dropZone.addEventListener("dragover", (event) => {
    if (![...(event.dataTransfer?.types ?? [])].includes("Files")) return;
    event.preventDefault();
    veil.hidden = false;
  });
  dropZone.addEventListener("dragleave", (event) => {
    if (!dropZone.contains(event.relatedTarget)) veil.hidden = true;
  });
  dropZone.addEventListener("drop", (event) => {
    event.preventDefault();
    veil.hidden = true;
    add(event.dataTransfer?.files ?? []);
  });

  field.value = draft.get();
  refresh();
  return { focus: () => field.focus({ preventScroll: true }), refresh };
}
