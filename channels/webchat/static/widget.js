/**
 * The launcher for other people's pages: <script src="https://host/chat/{channel}/widget.js" async></script>
 * A shadow root keeps their CSS out and ours in; the chat itself is an iframe of our own origin.
 * Attributes of the script: data-colour, data-label, data-position="left". Script API: window.PostDogChat.open(), close(), toggle(), destroy().
 */
(() => {
  "use strict";

  const script = document.currentScript;
  if (!script || window.PostDogChat) return;
  const address = new URL(script.src);
  const base = address.origin + address.pathname.replace(/\/widget\.js$/u, "");
  const remembered = `postdog:widget:${base}`;
  const CHAT = "postdog-chat";
  const HOST = "postdog-host";
  const PATIENCE_MS = 8000; // For the chat's own scripts to come, also on a slow phone.

  const STYLE = `
    /* A page's "div { … }" outranks a plain :host rule; only !important keeps it out. */
    :host { all: initial !important; display: block !important; position: fixed !important; z-index: 2147483000 !important;
      inset: auto 20px 20px auto !important; font: 600 12px/1 system-ui, sans-serif !important; --accent: #3457d5; --ink: #fff; }
    :host([data-side="left"]) { inset: auto auto 20px 20px !important; }
    [hidden] { display: none !important; }
    button { all: unset; box-sizing: border-box; position: relative; display: grid; place-items: center; width: 60px; height: 60px; margin-inline-start: auto;
      border-radius: 50%; cursor: pointer; color: var(--ink); background: var(--accent);
      box-shadow: 0 10px 28px rgb(16 24 40 / 26%), 0 2px 6px rgb(16 24 40 / 18%); transition: transform .18s, box-shadow .18s; }
    :host([data-side="left"]) button { margin-inline-start: 0; }
    button:hover { transform: translateY(-2px) scale(1.03); }
    button:active { transform: scale(.96); }
    button:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; }
    svg { grid-area: 1 / 1; width: 30px; height: 30px; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round;
      transition: opacity .18s, transform .18s; }
    .open svg:first-of-type, button:not(.open) svg:last-of-type { opacity: 0; transform: rotate(40deg) scale(.6); }
    .badge { position: absolute; top: -3px; inset-inline-end: -3px; min-width: 22px; height: 22px; padding: 0 6px; box-sizing: border-box; border-radius: 11px;
      border: 2px solid #fff; line-height: 18px; text-align: center; color: #fff; background: #d92d20; }
    .panel { position: fixed; right: 20px; bottom: 96px; width: 400px; height: min(700px, calc(100dvh - 120px)); border-radius: 20px; overflow: hidden;
      background: #fff; box-shadow: 0 28px 72px rgb(16 24 40 / 28%), 0 4px 14px rgb(16 24 40 / 12%); opacity: 0; visibility: hidden;
      transform: translateY(14px) scale(.98); transform-origin: bottom right; transition: opacity .2s, transform .2s cubic-bezier(.2,.8,.2,1), visibility 0s .2s; }
    :host([data-side="left"]) .panel { right: auto; left: 20px; transform-origin: bottom left; }
    .panel.open { opacity: 1; visibility: visible; transform: none; transition-delay: 0s; }
    .sorry { all: initial; position: absolute; inset: 0; display: grid; place-content: center; gap: 14px; padding: 32px; text-align: center;
      font: 400 15px/1.5 system-ui, sans-serif; color: #47506a; background: #f5f6fa; }
    .sorry a { font-weight: 600; color: var(--accent); }
    .sorry button, .sorry button:hover { width: auto; height: auto; margin: 0 auto; padding: 8px 14px; border-radius: 8px; color: inherit; background: none; box-shadow: none; transform: none; }
    iframe { display: block; width: 100%; height: 100%; border: 0; color-scheme: normal; }
    @media (prefers-color-scheme: dark) { .panel { background: #12151b; } .sorry { color: #c3c9d8; background: #12151b; } .sorry a { color: #9db4ff; } }
    @media (max-width: 520px) {
      .panel, :host([data-side="left"]) .panel { inset: 0; width: 100%; height: 100dvh; border-radius: 0; }
      button.open { visibility: hidden; }
    }
    @media (prefers-reduced-motion: reduce) { button, svg, .panel { transition: none; } }
    @media print { :host { display: none !important; } }
  `;

  const host = document.createElement("div");
  host.id = "postdog-chat-widget";
  if (script.dataset.position === "left") host.dataset.side = "left";
  const shadow = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet(); // Not a <style>: a strict style-src of the page would refuse it.
  sheet.replaceSync(STYLE);
  shadow.adoptedStyleSheets = [sheet];

  function drawing(...lines) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    for (const line of lines) {
      const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
      path.setAttribute("d", line);
      svg.append(path);
    }
    return svg;
  }

  const label = script.dataset.label || "Chat with us";
  const panel = document.createElement("div");
  panel.className = "panel";
  panel.id = "panel";
  panel.setAttribute("role", "dialog");
  panel.setAttribute("aria-label", label);
  const launcher = document.createElement("button");
  launcher.type = "button";
  launcher.setAttribute("aria-haspopup", "dialog");
  launcher.setAttribute("aria-controls", "panel");
  const badge = document.createElement("span");
  badge.className = "badge";
  badge.setAttribute("aria-hidden", "true");
  launcher.append(drawing("M12 3.5c-5 0-9 3.4-9 7.7 0 2.4 1.3 4.5 3.3 5.9L5.7 21l4-2.3c.7.1 1.5.2 2.3.2 5 0 9-3.4 9-7.7s-4-7.7-9-7.7z", "M8.5 10h7", "M8.5 13h4.5"), drawing("M5 9l7 7 7-7"), badge);
  shadow.append(panel, launcher);

  let frame = null;
  let loaded = false;
  let open = false;
  let unread = 0;
  let scroll = null;
  let heard = false;
  let sorry = null;

  function memory(value) {
    try {
      if (value === undefined) return window.localStorage.getItem(remembered);
      window.localStorage.setItem(remembered, value);
    } catch {
      // Storage is blocked: the badge then waits until the panel was opened once.
    }
    return null;
  }

  function paint() {
    badge.hidden = unread === 0 || open;
    badge.textContent = unread > 99 ? "99+" : String(unread);
    launcher.classList.toggle("open", open);
    panel.classList.toggle("open", open);
    panel.inert = !open;
    launcher.setAttribute("aria-expanded", String(open));
    launcher.setAttribute("aria-label", open ? "Close chat" : unread > 0 ? `${label}, ${unread} unread` : label);
  }

  function tell(type) {
    if (loaded) frame.contentWindow.postMessage({ source: HOST, type }, address.origin);
  }

  function load() {
    if (frame) return;
    frame = document.createElement("iframe");
    frame.title = label;
    frame.allow = "geolocation; clipboard-write; autoplay";
    frame.src = `${base}?embed=1`;
    frame.addEventListener("load", () => {
      loaded = true;
      tell("hello");
      tell(open ? "open" : "close");
      if (open) frame.focus();
    });
    panel.append(frame);
    window.setTimeout(apologise, PATIENCE_MS);
  }

  /** The chat didn't speak: this site is not among its allowed ones, or the server is away. A browser shows only a grey box then. */
  function apologise() {
    if (heard || sorry || !host.isConnected) return;
    console.warn(`PostDog: the chat can't be shown here. If its server runs, add ${window.location.origin} to the channel's allowed sites.`);
    sorry = document.createElement("div");
    sorry.className = "sorry";
    sorry.setAttribute("role", "alert");
    const link = document.createElement("a");
    link.href = base;
    link.target = "_blank";
    link.rel = "noopener";
    link.textContent = "Open the chat in a new tab";
    const close = document.createElement("button"); // On a phone the launcher is hidden while the panel is open.
    close.type = "button";
    close.textContent = "Close";
    close.addEventListener("click", hide);
    sorry.append("The chat can't be shown on this page.", link, close);
    panel.append(sorry);
  }

  function show() {
    if (open) return;
    open = true;
    load();
    if (window.matchMedia("(max-width: 520px)").matches) {
      scroll = document.documentElement.style.overflow;
      document.documentElement.style.overflow = "hidden"; // The page must not scroll behind a full-screen chat.
    }
    paint();
    frame.focus();
    tell("open");
  }

  function hide() {
    if (!open) return;
    open = false;
    if (scroll !== null) document.documentElement.style.overflow = scroll;
    scroll = null;
    paint();
    tell("close");
    launcher.focus({ preventScroll: true });
  }

  function look(colour, ink) {
    const simple = /^(#[0-9a-f]{3,8}|rgb\([\d ,.]+\))$/iu;
    if (simple.test(colour ?? "")) host.style.setProperty("--accent", colour);
    if (simple.test(ink ?? "")) host.style.setProperty("--ink", ink);
  }

  function hear(event) {
    if (!frame || event.source !== frame.contentWindow || event.origin !== address.origin || event.data?.source !== CHAT) return;
    const { type, count, colour, ink } = event.data;
    heard = true;
    sorry?.remove();
    sorry = null;
    if (type === "close") hide();
    if (type === "started") memory("started");
    if (type === "look") look(colour, ink);
    if (type === "unread") {
      unread = Number.isInteger(count) && count > 0 ? count : 0;
      paint();
    }
  }

  function keys(event) {
    if (event.key === "Escape" && open) hide();
  }

  launcher.addEventListener("click", () => (open ? hide() : show()));
  window.addEventListener("message", hear);
  document.addEventListener("keydown", keys);
  look(script.dataset.colour);
  paint();
  (document.body ?? document.documentElement).append(host);
  if (memory() === "started") load(); // A returning visitor sees the badge without opening the panel.
  else if (!script.dataset.colour) dress();

  /** Before anything is opened the launcher asks only for the colour; where the server doesn't allow it, ours stays. */
  async function dress() {
    try {
      const config = await (await fetch(`${base}/config`, { credentials: "omit" })).json();
      const colour = /^#([0-9a-f]{3}|[0-9a-f]{6})$/iu.exec(config.colour ?? "")?.[1];
      if (!colour) return;
      const full = colour.length === 3 ? [...colour].map((digit) => digit + digit).join("") : colour;
      const [red, green, blue] = [0, 2, 4].map((at) => parseInt(full.slice(at, at + 2), 16));
      look(`#${full}`, red * 0.299 + green * 0.587 + blue * 0.114 > 160 ? "#11141a" : "#fff");
    } catch {
      // The launcher works without.
    }
  }

  window.PostDogChat = {
    open: show,
    close: hide,
    toggle: () => (open ? hide() : show()),
    destroy() {
      hide();
      window.removeEventListener("message", hear);
      document.removeEventListener("keydown", keys);
      host.remove();
      delete window.PostDogChat;
    },
  };
})();
