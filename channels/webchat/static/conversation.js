/** The live conversation: joins thread, socket, outbox and page. Every change ends in one `draw`. */

import { createComposer, kindOf } from "./composer.js";
import { icon, make } from "./dom.js";
import { createRenderer } from "./render.js";
import { sheetIsOpen } from "./sheet.js";
import { createShell } from "./shell.js";
import { createSocket } from "./socket.js";
import { createSound } from "./sound.js";
import { createOutbox, newId } from "./store.js";
import { createThread } from "./thread.js";
import { createCalendar } from "./words.js";

const TYPING_LASTS_MS = 20_000; // A "typing: off" may be lost with the connection.
const LATE_MS = 1_200; // A blink of the network is not worth a line.
const EXPIRED = new Set(["invalid_token", "unauthorized", "session_expired", "unknown_visitor"]);

export function createConversation({ root, base, api, store, config, words, locale, session, renew, embed, embedded }) {
  const calendar = createCalendar(locale, words);
  const thread = createThread();
  const outbox = createOutbox(store);
  const sound = createSound(store);
  const shell = createShell({ root, config, words, embedded });
  let { token, visitor } = session;
  let readSeq = store.get("read", 0);
  let replayUntil = Infinity;
  let drawn = null;
  let typingTimer = null;
  let lateTimer = null;
  let agent = null;
  let missed = 0;

  const renderer = createRenderer({
    log: shell.log, foot: shell.typing, config, words, calendar,
    on: {
      pick: (item, choice) => say({ kind: "choice", button: choice.id, title: choice.title, message: item.id }),
      retry: again,
      discard: (item) => {
        outbox.drop(item.key);
        thread.remove(item.key);
        draw();
      },
    },
  });
  const composer = createComposer({
    root: shell.bottom, dropZone: root, config, words,
    draft: { get: () => store.get("draft", ""), set: (text) => (text ? store.set("draft", text) : store.remove("draft")) },
    on: {
      text: (text) => say({ kind: "text", text }),
      files: (files) => files.forEach(attach),
      location: (place) => say({ kind: "location", ...place }),
      typing: () => socket.send({ type: "typing" }),
      complain: shell.notice,
    },
  });
  const socket = createSocket({
    url: () => `${window.location.protocol === "https:" ? "wss:" : "ws:"}//${window.location.host}${base}/ws?after=${thread.resumePoint()}`,
    hello: () => ({ type: "hello", token, after: thread.resumePoint() }),
    onFrame: hear,
    onState: connection,
  });

  function draw() {
    drawn ??= setTimeout(() => {
      drawn = null;
      const pinned = shell.isPinned();
      renderer.draw(thread.list(), thread.chosen());
      root.classList.toggle("begun", thread.size > 0);
      if (pinned) shell.toEnd();
      else shell.missed(missed);
      notice();
    }, 0);
  }

  /** Who looks has read: the newest message is marked, the badge and the title follow. */
  function notice() {
    const looking = embed.open && document.visibilityState === "visible" && shell.isPinned();
    if (looking && thread.last > readSeq) {
      if (socket.send({ type: "read", seq: thread.last })) {
        readSeq = thread.last;
        store.set("read", readSeq);
      }
    }
    if (looking) missed = 0;
    const unread = looking ? 0 : thread.unread(readSeq);
    document.title = unread > 0 ? `(${unread}) ${config.name}` : config.name;
    embed.unread(unread);
  }

  function say(content) {
    const entry = { client_id: newId(), at: new Date().toISOString(), content };
    outbox.put(entry);
    thread.pend(entry);
    embed.started();
    draw();
    setTimeout(shell.toEnd, 0);
    deliver(entry);
    queued();
  }

  const deliver = ({ client_id: clientId, content }) => socket.send({ type: "send", client_id: clientId, content }, { answered: true });

  async function attach({ file, caption }) {
    const preview = URL.createObjectURL(file);
    const content = { kind: kindOf(file.type), name: file.name, mime: file.type, caption: caption || undefined };
    const entry = { client_id: newId(), at: new Date().toISOString(), content, local: { preview, file } };
    thread.pend(entry, "uploading");
    embed.started();
    draw();
    setTimeout(shell.toEnd, 0);
    await upload(thread.get(entry.client_id));
  }

  async function upload(item) {
    try {
      const stored = await api.upload(item.local.file, token, (progress) => {
        thread.change(item.key, { progress });
        draw();
      });
      const { kind, caption } = item.content;
      const entry = { client_id: item.key, at: item.at, content: { kind, media: stored.media, ...(caption ? { caption } : {}) } };
      outbox.put(entry);
      thread.change(item.key, { state: "pending" });
      deliver(entry);
    } catch (error) {
      thread.change(item.key, { state: "failed", error: error.message || words.uploadFailed });
    }
    draw();
  }

  function again(item) {
    if (item.local?.file && !outbox.all().some((entry) => entry.client_id === item.key)) {
      thread.change(item.key, { state: "uploading", error: null, progress: 0 });
      upload(thread.get(item.key));
    } else {
      // A refused id stays refused on the server, so a new try is a new message.
      thread.remove(item.key);
      outbox.drop(item.key);
      say(item.content);
    }
    draw();
  }

  function hear(frame) {
    if (frame.type === "ready") ready(frame);
    else if (frame.type === "message") message(frame);
    else if (frame.type === "status") settled(frame);
    else if (frame.type === "typing") typing(frame);
    else if (frame.type === "error") trouble(frame.error ?? {});
  }

  function ready(frame) {
    if (frame.visitor && frame.visitor !== visitor) forget(frame.visitor);
    thread.promise(frame.last ?? 0);
    replayUntil = frame.last ?? 0;
    if (thread.last >= replayUntil) setTimeout(() => shell.log.setAttribute("aria-live", "polite"), 0);
    outbox.all().forEach((entry) => {
      thread.pend(entry);
      setTimeout(() => socket.send({ type: "send", client_id: entry.client_id, content: entry.content }, { answered: true }), 0);
    });
    draw();
  }

  function forget(other) {
    visitor = other;
    thread.clear();
    readSeq = 0;
    store.set("read", 0);
  }

  function message(frame) {
    const item = thread.accept(frame);
    if (frame.client_id) outbox.drop(frame.client_id);
    if (item === null) return;
    if (item.from === "visitor") embed.started();
    else {
      typing({ on: false });
      if (item.from === "agent") agent = item.name;
      if (item.from === "bot") agent = null;
      if (item.seq > replayUntil) {
        missed += 1;
        if (!embed.open || document.visibilityState !== "visible") sound.play();
      }
    }
    draw();
    if (item.seq >= replayUntil) setTimeout(() => shell.log.setAttribute("aria-live", "polite"), 50);
    presence();
  }

  function settled({ client_id: clientId, status, error }) {
    const item = thread.get(clientId);
    outbox.drop(clientId);
    if (!item || item.seq !== null) return;
    if (status === "refused") thread.change(clientId, { state: "failed", error: error?.message || words.failed });
    else thread.change(clientId, { state: "sent" });
    draw();
  }

  function typing({ on, from }) {
    clearTimeout(typingTimer);
    const name = from === "agent" && agent ? agent : config.name;
    shell.typingBy(name, on === true, `${name} ${words.typing}`);
    if (on === true) typingTimer = setTimeout(() => shell.typingBy(name, false, ""), TYPING_LASTS_MS);
  }

  function trouble({ code, message: sentence }) {
    if (EXPIRED.has(code)) {
      socket.renew(
        renew().then((next) => {
          token = next.token;
          if (next.visitor !== visitor) forget(next.visitor);
          draw();
        }),
      );
    } else if (sentence) shell.notice(sentence);
  }

  function connection(state) {
    if (state === "online") {
      clearTimeout(lateTimer);
      lateTimer = null;
      shell.line("");
      presence();
    } else if (state === "waiting") {
      typing({ on: false });
      lateTimer ??= setTimeout(() => {
        shell.connection("waiting", words.reconnecting);
        queued();
      }, LATE_MS);
    }
  }

  function queued() {
    if (lateTimer === null || shell.header.dataset.state !== "waiting") return;
    shell.line(outbox.all().length > 0 ? `${words.reconnecting} ${words.offlineQueue}` : words.reconnecting);
  }

  function presence() {
    if (!socket.online) return;
    shell.connection("online", agent ? `${agent} · ${words.online}` : words.online);
  }

  function showSound() {
    const label = sound.on ? words.soundOff : words.soundOn;
    shell.sound.replaceChildren(icon(sound.on ? "sound" : "mute"));
    shell.sound.setAttribute("aria-label", label);
    shell.sound.setAttribute("aria-pressed", String(sound.on));
    shell.sound.title = label;
  }

  shell.sound.addEventListener("click", () => {
    sound.toggle();
    showSound();
  });
  shell.close.addEventListener("click", () => embed.close());
  shell.log.addEventListener("scroll", notice);
  document.addEventListener("visibilitychange", notice);
  window.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !sheetIsOpen() && !event.isComposing) embed.close();
  });
  if (config.poweredBy) shell.bottom.append(make("p.powered", words.poweredBy));
  showSound();

  /** On a touch screen the field would throw the keyboard over the conversation. */
  function focus() {
    if (window.matchMedia("(pointer: fine)").matches) composer.focus();
    else shell.log.focus({ preventScroll: true });
  }

  return {
    start() {
      outbox.all().forEach((entry) => thread.pend(entry));
      if (!store.durable) shell.notice(words.notStored);
      draw();
      socket.start();
      if (embed.open) focus();
    },
    opened() {
      composer.refresh();
      shell.toEnd();
      focus();
      notice();
    },
    closed: notice,
  };
}
