/** The frame around the conversation: header, log, notices, "go to latest". It returns the parts by name. */

import { bidi, button, icon, make } from "./dom.js";
import { avatar } from "./render.js";

const NEAR_END_PX = 80;

export function createShell({ root, config, words, embedded }) {
  const name = config.name || "Chat";
  const status = make("span.status", words.connecting);
  const sound = button("icon-button", words.soundOn, icon("mute"));
  const close = button("icon-button", words.close, icon("close"));
  close.classList.add("close-chat");
  const title = make("div.title", bidi("h1.name", name), make("div.presence", make("span.dot"), status));
  const actions = make("div.actions", sound, embedded ? close : null);
  const header = make("header.head", avatar(name, config.logo_url, true), title, actions);

  const welcome = make("div.welcome", avatar(name, config.logo_url, true), bidi("h2.welcome-name", name),
    bidi("p.welcome-text", config.greeting || words.welcome));
  const typing = make("div.typing", make("span.face"), make("div.bubble", make("i"), make("i"), make("i")), make("span.hidden-text"));
  typing.hidden = true;
  const log = make("div.log", welcome, typing);
  log.setAttribute("role", "log");
  log.setAttribute("aria-label", words.conversation);
  log.setAttribute("aria-live", "off"); // Until the history is there: nobody wants to hear it all again.
  log.tabIndex = 0;

  const line = make("div.line");
  line.setAttribute("role", "status");
  line.hidden = true;
  const notice = make("div.notice");
  notice.setAttribute("role", "alert");
  notice.hidden = true;
  const latest = button("latest", words.latest, icon("down"), make("span.count"));
  latest.hidden = true;
  const bottom = make("div.bottom");
  const stage = make("div.stage", log, latest);
  root.replaceChildren(header, line, stage, notice, bottom);

  const atEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_END_PX;
  let pinned = true;
  const toEnd = () => {
    log.scrollTop = log.scrollHeight;
    pinned = true;
    latest.hidden = true;
  };
  log.addEventListener("scroll", () => {
    pinned = atEnd();
    latest.hidden = pinned;
    if (pinned) latest.querySelector(".count").textContent = "";
  });
  latest.addEventListener("click", () => {
    toEnd();
    log.focus({ preventScroll: true });
  });
  // A picture that loads late, a keyboard that opens or a longer draft must not push the newest message out of sight.
  const watch = new ResizeObserver(() => pinned && toEnd());
  watch.observe(log);
  log.addEventListener("load", () => pinned && toEnd(), true);
  log.addEventListener("loadedmetadata", () => pinned && toEnd(), true);

  let noticeTimer = null;
  return {
    header, log, typing, bottom, sound, close, toEnd,
    isPinned: () => pinned,
    missed(count) {
      latest.querySelector(".count").textContent = count > 0 ? String(count) : "";
    },
    connection(state, text) {
      header.dataset.state = state;
      status.textContent = text;
    },
    line(text) {
      line.hidden = !text;
      if (line.textContent !== text) line.textContent = text;
    },
    notice(text) {
      clearTimeout(noticeTimer);
      notice.textContent = text;
      notice.hidden = !text;
      if (text) noticeTimer = setTimeout(() => (notice.hidden = true), 8_000);
    },
    typingBy(name, shown, label) {
      const before = pinned;
      typing.hidden = !shown;
      if (shown) {
        typing.firstChild.replaceChildren(avatar(name, name === config.name ? config.logo_url : null, name === config.name));
        typing.lastChild.textContent = label;
        if (before) toEnd();
      }
    },
  };
}

/** Shown instead of the chat when it can't start: one sentence and, where it helps, one button. */
export function showFailure(root, { text, retry, onRetry }) {
  const card = make("div.failure", icon("alert"), make("p", text));
  card.setAttribute("role", "alert");
  if (retry) {
    const again = button("primary", "", retry);
    again.addEventListener("click", onRetry);
    card.append(again);
  }
  root.replaceChildren(card);
}
