/** The inside half of the widget: tells the page around us what it may know (open, closed, how many unread). */

const CHAT = "postdog-chat";
const HOST = "postdog-host";

/** On a page of its own nothing is posted and the chat always counts as open. */
export function createEmbed({ embedded, onOpen, onClose }) {
  let host = null; // Learnt from the first greeting of our parent; nothing is posted to anybody else.
  let open = !embedded;
  let kept = [];

  function post(message) {
    if (!embedded) return;
    if (host === null) kept.push(message);
    else window.parent.postMessage({ source: CHAT, ...message }, host);
  }

  window.addEventListener("message", (event) => {
    if (!embedded || event.source !== window.parent || event.data?.source !== HOST) return;
    if (host === null) {
      host = event.origin;
      post({ type: "here" });
      kept.forEach(post);
      kept = [];
    }
    if (event.origin !== host) return;
    if (event.data.type === "open") {
      open = true;
      onOpen();
    }
    if (event.data.type === "close") {
      open = false;
      onClose();
    }
  });

  return {
    close: () => post({ type: "close" }),
    unread: (count) => post({ type: "unread", count }),
    look: (colour, ink) => post({ type: "look", colour, ink }),
    started: () => post({ type: "started" }),
    get open() {
      return open;
    },
  };
}
