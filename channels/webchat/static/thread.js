/**
 * The conversation as a value: confirmed messages by `seq`, then what is still on its way.
 * Nothing is shown twice: the same seq, id or client_id is the same message.
 */

export function createThread() {
  const items = new Map(); // key -> item; the key stays the same when a pending message is confirmed
  const keyBySeq = new Map();
  const keyById = new Map();
  let last = 0;
  let promised = 0; // the `last` of the newest "ready": up to there the server replays

  function view(frame) {
    return {
      key: frame.client_id || frame.id || `seq:${frame.seq}`,
      seq: frame.seq,
      id: frame.id ?? null,
      from: frame.from,
      name: frame.name ?? null,
      at: frame.at,
      content: frame.content ?? {},
      state: "sent",
      error: null,
    };
  }

  function accept(frame) {
    if (!Number.isInteger(frame.seq)) return null;
    last = Math.max(last, frame.seq);
    if (keyBySeq.has(frame.seq) || (frame.id && keyById.has(frame.id))) return null;
    const item = view(frame);
    const before = items.get(item.key);
    if (before && before.seq !== null) return null;
    if (before?.local) item.local = before.local;
    items.set(item.key, item);
    keyBySeq.set(item.seq, item.key);
    if (item.id) keyById.set(item.id, item.key);
    return item;
  }

  function pend({ client_id: clientId, at, content, local = null }, state = "pending") {
    if (items.has(clientId)) return null;
    const item = { key: clientId, seq: null, id: null, from: "visitor", name: null, at, content, state, error: null, local };
    items.set(clientId, item);
    return item;
  }

  function change(key, patch) {
    const item = items.get(key);
    if (!item) return null;
    const next = { ...item, ...patch };
    items.set(key, next);
    return next;
  }

  function list() {
    return [...items.values()].sort((one, two) => {
      if (one.seq !== null && two.seq !== null) return one.seq - two.seq;
      if (one.seq !== null) return -1;
      if (two.seq !== null) return 1;
      return one.at < two.at ? -1 : one.at > two.at ? 1 : 0;
    });
  }

  /** Ids of the items that were tapped, per message id; a refused tap doesn't count. */
  function chosen() {
    const taps = new Map();
    for (const item of items.values()) {
      const { kind, message, button } = item.content;
      if (kind !== "choice" || item.state === "failed") continue;
      if (!taps.has(message)) taps.set(message, new Set());
      taps.get(message).add(button);
    }
    return taps;
  }

  /**
   * From where a new connection asks. A live message may overtake a replay that a lost connection cuts short;
   * so while a replay is unfinished, only what belongs to it counts.
   */
  function resumePoint() {
    if (last <= promised || keyBySeq.has(promised) || promised === 0) return last;
    let point = 0;
    for (const seq of keyBySeq.keys()) if (seq <= promised && seq > point) point = seq;
    return point;
  }

  return {
    accept,
    pend,
    change,
    list,
    chosen,
    resumePoint,
    promise: (seq) => {
      promised = seq;
    },
    unread: (readSeq) => [...items.values()].filter((item) => item.from !== "visitor" && item.seq > readSeq).length,
    has: (key) => items.has(key),
    get: (key) => items.get(key) ?? null,
    remove: (key) => items.delete(key),
    clear: () => {
      items.clear();
      keyBySeq.clear();
      keyById.clear();
      last = 0;
      promised = 0;
    },
    get last() {
      return last;
    },
    get size() {
      return items.size;
    },
  };
}
