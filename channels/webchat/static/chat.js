/** Starts the chat: config, session, then the live conversation. */

import { createApi } from "./api.js";
import { createConversation } from "./conversation.js";
import { createEmbed } from "./embed.js";
import { showFailure } from "./shell.js";
import { retryDelay } from "./socket.js";
import { createStore } from "./store.js";
import { applyTheme } from "./theme.js";
import { speak } from "./words.js";

const root = document.getElementById("chat");
const base = window.location.pathname.replace(/\/+$/u, "");
const channel = decodeURIComponent(base.split("/").pop());
const embedded = new URLSearchParams(window.location.search).get("embed") === "1" && window.parent !== window;
const api = createApi(base);
const store = createStore(channel);
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
let conversation = null;

const embed = createEmbed({
  embedded,
  onOpen: () => conversation?.opened(),
  onClose: () => conversation?.closed(),
});

document.documentElement.classList.toggle("embedded", embedded);
window.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && embedded && conversation === null) embed.close();
});

/** A server that is away is asked again; one that says no (an unknown channel, a refused origin) is believed. */
async function stubborn(task) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await task();
    } catch (error) {
      const passing = error.status === 0 || error.status === 429 || error.status >= 500;
      if (!passing || attempt >= 5) throw error;
      await pause(retryDelay(attempt));
    }
  }
}

async function start() {
  let { words } = speak();
  try {
    const config = await stubborn(() => api.config());
    const spoken = speak(config.locale);
    words = spoken.words;
    document.documentElement.lang = spoken.locale;
    document.documentElement.dir = spoken.direction;
    const look = applyTheme(document.documentElement, config.colour);
    embed.look(look.accent, look.ink);
    const renew = async () => {
      const session = await api.session(store.get("token"));
      store.set("token", session.token);
      return session;
    };
    const session = await stubborn(renew);
    conversation = createConversation({ root, base, api, store, config, words, locale: spoken.locale, session, renew, embed, embedded });
    root.removeAttribute("aria-busy");
    conversation.start();
  } catch (error) {
    root.removeAttribute("aria-busy");
    const text = error.status === 404 ? words.missing : error.message || words.unavailable;
    showFailure(root, { text: error.status === undefined ? words.unavailable : text, retry: words.retry, onRetry: () => window.location.reload() });
    if (error.status === undefined) throw error;
  }
}

start();
