/** What the browser remembers of one chat: localStorage where it is allowed, memory where it is blocked. */

function open(prefix) {
  try {
    const probe = `${prefix}probe`;
    window.localStorage.setItem(probe, "1");
    window.localStorage.removeItem(probe);
    return window.localStorage;
  } catch {
    return null; // Private mode, blocked third-party storage, a full quota.
  }
}

/** A small key-value store under `postdog:{channel}:`; values are JSON. `durable` is false when only memory holds them. */
export function createStore(channel) {
  const prefix = `postdog:${channel}:`;
  const memory = new Map();
  const disk = open(prefix);

  function get(key, fallback = null) {
    if (memory.has(key)) return memory.get(key);
    try {
      const raw = disk?.getItem(prefix + key);
      return raw === null || raw === undefined ? fallback : JSON.parse(raw);
    } catch {
      return fallback;
    }
  }

  function set(key, value) {
    try {
      if (!disk) throw new Error("memory only");
      disk.setItem(prefix + key, JSON.stringify(value));
      memory.delete(key);
    } catch {
      memory.set(key, value);
    }
  }

  function remove(key) {
    memory.delete(key);
    try {
      disk?.removeItem(prefix + key);
    } catch {
      // Nothing was stored there.
    }
  }

  function keys(start) {
    const found = new Set([...memory.keys()].filter((key) => key.startsWith(start)));
    try {
      for (let index = 0; disk && index < disk.length; index += 1) {
        const key = disk.key(index);
        if (key?.startsWith(prefix + start)) found.add(key.slice(prefix.length));
      }
    } catch {
      // Storage was taken away while the page is open.
    }
    return [...found];
  }

  return { get, set, remove, keys, durable: disk !== null };
}

const OUT = "out:";

/**
 * Messages that the server has not confirmed, one key each, so that two open tabs never overwrite one another.
 * An entry is `{client_id, at, content}`; it is sent again with the same client_id until it is confirmed or refused.
 */
export function createOutbox(store) {
  return {
    put: (entry) => store.set(OUT + entry.client_id, entry),
    drop: (clientId) => store.remove(OUT + clientId),
    all: () =>
      store
        .keys(OUT)
        .map((key) => store.get(key))
        .filter((entry) => entry && typeof entry.client_id === "string" && entry.content)
        .sort((one, two) => (one.at < two.at ? -1 : one.at > two.at ? 1 : 0)),
    clear: () => store.keys(OUT).forEach((key) => store.remove(key)),
  };
}

/** A random UUID; `crypto.randomUUID` exists on secure pages only, and a self-hosted chat may be plain http. */
export function newId() {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
