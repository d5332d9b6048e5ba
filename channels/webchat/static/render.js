/** Draws the thread: day lines, groups by sender, bubbles, marks. Nodes are kept and updated, never rebuilt. */

import { renderChoices, renderContent } from "./content.js";
import { bidi, button, icon, initials, make, tone } from "./dom.js";
import { safeMedia } from "./link.js";

const GROUP_MS = 5 * 60_000; // Messages of one sender within five minutes read as one turn.

/** A round face: the channel's logo, else initials, else the bot sign; `house` wears the channel's colour. */
export function avatar(name, logo, house = false) {
  const source = safeMedia(logo);
  if (source !== null) {
    const picture = make("img.avatar");
    picture.src = source;
    picture.alt = "";
    picture.addEventListener("error", () => picture.replaceWith(avatar(name, null, house)));
    return picture;
  }
  const face = make(`span.avatar.${house ? "house" : tone(name)}`, initials(name) || icon("bot"));
  face.setAttribute("aria-hidden", "true");
  return face;
}

const sender = (item) => `${item.from}:${item.name ?? ""}`;

function joins(one, two, calendar) {
  if (!one || !two || sender(one) !== sender(two)) return false;
  if (calendar.dayKey(one.at) !== calendar.dayKey(two.at)) return false;
  return Math.abs(Date.parse(two.at) - Date.parse(one.at)) <= GROUP_MS;
}

/** `draw(items, taps)` brings `log` to show exactly these items; `on` has `pick(item, choice)`, `retry`, `discard`. */
export function createRenderer({ log, foot, config, words, calendar, on }) {
  const rows = new Map();
  const days = new Map();

  function build(item) {
    const mine = item.from === "visitor";
    const name = mine ? words.you : item.name || config.name;
    const bubble = make("div.bubble", make("span.hidden-text", `${name}: `), renderContent(item.content, { words, local: item.local }));
    if (bubble.querySelector(".emoji")) bubble.classList.add("bare");
    if (bubble.querySelector(".picture, .video, .location")) bubble.classList.add("framed");
    const choices = renderChoices(item.content, {
      words,
      picked: new Set(),
      onPick: (choice) => on.pick(item, choice),
    });
    const who = item.from === "agent" ? bidi("div.who", name) : null; // The bot is the house: its name stands above.
    who?.setAttribute("aria-hidden", "true");
    const meta = make("div.meta");
    const stack = make("div.stack", who, bubble, choices?.element, meta);
    const face = mine ? null : make("div.face", avatar(name, item.from === "bot" ? config.logo_url : null, item.from === "bot"));
    const element = make(`div.row.${mine ? "mine" : "theirs"}`, face, stack);
    element.dataset.key = item.key;
    return { element, choices, meta, shown: "" };
  }

  function marks(row, item, last) {
    const progress = item.state === "uploading" ? Math.round((item.progress ?? 0) * 100) : 0;
    const shown = `${item.state}|${last}|${item.at}|${item.error ?? ""}|${progress}`;
    if (row.shown === shown) return;
    row.shown = shown;
    row.element.dataset.state = item.state;
    const time = make("time", calendar.time(item.at));
    time.dateTime = item.at;
    row.meta.replaceChildren();
    if (item.state === "failed") {
      const retry = button("text-button", "", words.retry);
      const discard = button("text-button", "", words.discard);
      retry.addEventListener("click", () => on.retry(item));
      discard.addEventListener("click", () => on.discard(item));
      row.meta.append(icon("alert"), make("span", item.error || words.failed), retry, discard);
    } else if (item.state === "uploading") {
      const bar = make("progress");
      bar.max = 100;
      bar.value = progress;
      bar.setAttribute("aria-label", words.sending);
      row.meta.append(bar);
    } else if (item.from === "visitor") {
      const pending = item.state === "pending";
      row.meta.append(time, icon(pending ? "clock" : "check"), make("span.hidden-text", pending ? words.sending : words.sent));
    } else {
      row.meta.append(time);
    }
    row.meta.hidden = !last && item.state === "sent";
  }

  function dayLine(at) {
    const key = calendar.dayKey(at);
    if (!days.has(key)) days.set(key, make("div.day", make("span")));
    const line = days.get(key);
    const label = calendar.day(at);
    if (line.firstChild.textContent !== label) line.firstChild.textContent = label;
    return line;
  }

  function draw(items, taps) {
    const wanted = [];
    let previousDay = null;
    items.forEach((item, index) => {
      const day = calendar.dayKey(item.at);
      if (day !== previousDay) wanted.push(dayLine(item.at));
      previousDay = day;
      if (!rows.has(item.key)) rows.set(item.key, build(item));
      const row = rows.get(item.key);
      const first = !joins(items[index - 1], item, calendar);
      const last = !joins(item, items[index + 1], calendar);
      row.element.classList.toggle("first", first);
      row.element.classList.toggle("last", last);
      row.choices?.update(taps.get(item.id) ?? new Set());
      marks(row, item, last);
      wanted.push(row.element);
    });
    const keep = new Set(wanted);
    for (const child of [...log.children]) if (!keep.has(child) && (child.matches(".row") || child.matches(".day"))) child.remove();
    for (const key of [...rows.keys()]) if (!keep.has(rows.get(key).element)) rows.delete(key);
    let place = foot;
    for (const element of wanted.reverse()) {
      if (element.nextSibling !== place) log.insertBefore(element, place);
      place = element;
    }
  }

  return { draw };
}
