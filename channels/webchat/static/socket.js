/** One live connection that comes back by itself. It knows frames and time, nothing of messages. */

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 30_000;
const READY_WITHIN_MS = 15_000; // A socket that opens but never says "ready" is a proxy's, not the server's.
const ANSWER_WITHIN_MS = 15_000; // A send without an answer means a half-open connection.
const SILENCE_MS = 90_000; // Judged only after the server has shown that it pings.

/** Exponential back-off with jitter: half of the step is certain, half is random, so that visitors don't return at once. */
export function retryDelay(attempt, random = Math.random()) {
  const step = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempt, 16));
  return step / 2 + (step / 2) * random;
}

/**
 * `url()` and `hello()` are asked at each attempt. `onFrame(frame)` hears every frame but pings;
 * `onState("connecting" | "online" | "waiting")` hears changes.
 */
export function createSocket({ url, hello, onFrame, onState }) {
  let socket = null;
  let attempt = 0;
  let retry = null;
  let deadline = null;
  let silence = null;
  let online = false;
  let stopped = true;
  let held = Promise.resolve();

  function arm(milliseconds) {
    clearTimeout(deadline);
    deadline = setTimeout(drop, milliseconds);
  }

  function drop() {
    const old = socket;
    socket = null;
    online = false;
    clearTimeout(deadline);
    clearTimeout(silence);
    if (old) {
      old.onopen = old.onmessage = old.onclose = old.onerror = null;
      old.close();
    }
    if (stopped) return;
    onState("waiting");
    clearTimeout(retry);
    retry = setTimeout(connect, retryDelay(attempt));
    attempt += 1;
  }

  function connect() {
    clearTimeout(retry);
    if (stopped || socket) return;
    const mine = new WebSocket(url());
    socket = mine;
    onState("connecting");
    arm(READY_WITHIN_MS);
    mine.onopen = () => mine.send(JSON.stringify(hello()));
    mine.onclose = () => socket === mine && held.then(() => socket === mine && drop());
    mine.onmessage = (event) => socket === mine && hear(event.data);
  }

  function hear(data) {
    let frame;
    try {
      frame = JSON.parse(data);
    } catch {
      return; // Not ours; a later ping or message decides about the connection.
    }
    if (frame === null || typeof frame !== "object") return;
    if (silence !== null || frame.type === "ping") {
      clearTimeout(silence);
      silence = setTimeout(drop, SILENCE_MS);
    }
    if (frame.type === "ping") {
      socket.send('{"type":"pong"}');
      return;
    }
    if (frame.type === "status") clearTimeout(deadline);
    if (frame.type === "ready") {
      clearTimeout(deadline);
      attempt = 0;
      online = true;
    }
    onFrame(frame);
    if (frame.type === "ready") onState("online");
  }

  function now() {
    if (stopped || online) return;
    attempt = 0;
    if (socket === null) connect();
  }

  window.addEventListener("online", now);
  window.addEventListener("offline", () => socket && drop());
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && now());

  return {
    start() {
      stopped = false;
      connect();
    },
    stop() {
      stopped = true;
      clearTimeout(retry);
      drop();
    },
    /** Holds the next attempt until `promise` settles (a session that is being renewed), then drops the connection. */
    renew(promise) {
      held = promise.catch(() => undefined);
      held.then(drop);
    },
    /** Sends a frame when online and says whether it did. `answered` frames expect a status soon. */
    send(frame, { answered = false } = {}) {
      if (!online || socket?.readyState !== WebSocket.OPEN) return false;
      socket.send(JSON.stringify(frame));
      if (answered) arm(ANSWER_WITHIN_MS);
      return true;
    },
    retryNow: now,
    get online() {
      return online;
    },
  };
}
