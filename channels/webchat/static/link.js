/** Addresses that data may name. Everything else (javascript:, data:, vbscript:, file:) becomes null. */

const LINKS = new Set(["http:", "https:", "mailto:", "tel:"]);
const MEDIA = new Set(["http:", "https:", "blob:"]);

function parse(value, allowed) {
  if (typeof value !== "string" || value === "") return null;
  try {
    const url = new URL(value, window.location.href);
    return allowed.has(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

/** A link that may be followed: http, https, mailto, tel, or relative to the chat. */
export const safeLink = (value) => parse(value, LINKS);

/** A source for an image, a video or a file; blob: are our own previews. */
export const safeMedia = (value) => parse(value, MEDIA);

export function anchor(href, text) {
  const link = document.createElement("a");
  link.href = href;
  link.textContent = text;
  link.target = "_blank";
  link.rel = "noopener noreferrer nofollow";
  return link;
}
