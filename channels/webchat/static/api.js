/** The three plain HTTP calls of the chat: config, session, upload. */

/** A refusal with a sentence for people; `status` is the HTTP status, 0 when the server was not reached. */
export class CallFailed extends Error {
  constructor(status, message = "") {
    super(message);
    this.status = status;
  }
}

async function json(response) {
  let body = null;
  try {
    body = await response.json();
  } catch {
    body = null;
  }
  if (!response.ok) throw new CallFailed(response.status, body?.error?.message ?? "");
  if (body === null || typeof body !== "object") throw new CallFailed(response.status);
  return body;
}

async function call(url, options) {
  let response;
  try {
    response = await fetch(url, { credentials: "omit", referrerPolicy: "same-origin", ...options });
  } catch {
    throw new CallFailed(0);
  }
  return json(response);
}

export function createApi(base) {
  return {
    config: () => call(`${base}/config`),

    /** Trades the remembered token (or none) for `{token, visitor}`. */
    session: (token) =>
      call(`${base}/session`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ token }),
      }),

    /** Sends one file; `progress` hears 0..1. fetch can't report upload progress, XMLHttpRequest can. */
    upload: (file, token, progress) =>
      new Promise((resolve, reject) => {
        const request = new XMLHttpRequest();
        const form = new FormData();
        form.append("file", file, file.name || "file");
        request.open("POST", `${base}/media`);
        request.setRequestHeader("X-Visitor-Token", token);
        request.responseType = "json";
        request.upload.addEventListener("progress", (event) => {
          if (event.lengthComputable) progress(event.loaded / event.total);
        });
        request.addEventListener("error", () => reject(new CallFailed(0)));
        request.addEventListener("abort", () => reject(new CallFailed(0)));
        request.addEventListener("load", () => {
          const body = request.response;
          if (request.status >= 200 && request.status < 300 && body?.media) resolve(body);
          else reject(new CallFailed(request.status, body?.error?.message ?? ""));
        });
        request.send(form);
      }),
  };
}
