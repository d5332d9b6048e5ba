// Shows an OpenAPI 3.1 document. Everything is built with DOM calls: no text of the document is ever read as HTML.

const METHODS = ["get", "post", "put", "patch", "delete"];
const byId = (id) => document.getElementById(id);
let spec = null;

function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== false && value !== undefined) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

// `code` and **strong** are all the markup that descriptions use.
function prose(text) {
  return (text || "").split(/\n{2,}/).filter(Boolean).map((paragraph) =>
    el("p", {}, ...paragraph.split(/(`[^`]+`|\*\*[^*]+\*\*)/).map((part) => {
      if (part.startsWith("`") && part.length > 1) return el("code", {}, part.slice(1, -1));
      if (part.startsWith("**")) return el("strong", {}, part.slice(2, -2));
      return part;
    })));
}

function resolve(schema) {
  if (!schema || !schema.$ref) return schema || {};
  const found = schema.$ref.replace(/^#\//, "").split("/").reduce((node, part) => node?.[part], spec);
  return { ...found, ...Object.fromEntries(Object.entries(schema).filter(([name]) => name !== "$ref")), name: schema.$ref.split("/").pop() };
}

function typeName(raw) {
  const schema = resolve(raw);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  const branches = schema.anyOf || schema.oneOf;
  if (branches) return [...new Set(branches.map(typeName))].join(" | ");
  if (schema.type === "array") return `list of ${typeName(schema.items || {})}`;
  const form = schema.format ? ` (${schema.format})` : "";
  return (schema.name || [schema.type || "any"].flat().join(" | ")) + form;
}

function limits(schema) {
  const said = [];
  const names = { minimum: "at least", maximum: "at most", minLength: "characters ≥", maxLength: "characters ≤", minItems: "entries ≥", maxItems: "entries ≤", pattern: "form" };
  for (const [name, text] of Object.entries(names)) if (schema[name] !== undefined) said.push(`${text} ${schema[name]}`);
  if (schema.default !== undefined) said.push(`default ${JSON.stringify(schema.default)}`);
  return said.join(", ");
}

function row(name, schema, required, text) {
  const full = resolve(schema);
  const bounds = limits(full);
  return el("tr", {},
    el("td", {}, el("code", {}, name), " ", required ? el("span", { class: "need" }, "required") : null),
    el("td", {}, typeName(schema)),
    el("td", {}, text || full.description || "", bounds ? el("div", { class: "quiet" }, bounds) : null, inner(schema)));
}

function parts(schema) {
  const full = resolve(schema);
  return [full, ...[full.items || [], full.anyOf || [], full.oneOf || []].flat().flatMap((branch) => parts(branch))];
}

// Nested objects open on demand, so a schema that holds itself ends here.
function inner(schema) {
  const objects = parts(schema).filter((part) => part.properties);
  return objects.map((object) => {
    const box = el("details", {}, el("summary", { class: "quiet" }, object.name || "fields"));
    box.addEventListener("toggle", () => { if (box.childElementCount === 1) box.append(fields(object)); });
    return box;
  });
}

function fields(schema) {
  const full = resolve(schema);
  const branches = full.oneOf || full.anyOf;
  if (branches) return el("div", {}, ...branches.map((branch) => el("details", {}, el("summary", {}, typeName(branch)), fields(branch))));
  if (full.type === "array") return el("div", {}, el("p", { class: "quiet" }, typeName(full)), fields(full.items || {}));
  const required = full.required || [];
  const rows = Object.entries(full.properties || {}).map(([name, field]) => row(name, field, required.includes(name)));
  return rows.length ? el("table", {}, ...rows) : el("p", { class: "quiet" }, typeName(full));
}

function sample(raw, depth = 0) {
  const schema = resolve(raw);
  if (schema.examples?.length) return schema.examples[0];
  for (const name of ["const", "default"]) if (schema[name] !== undefined) return schema[name];
  if (schema.enum) return schema.enum[0];
  if (depth > 6) return null;
  const branches = schema.anyOf || schema.oneOf;
  if (branches) return sample(branches[0], depth + 1);
  const kind = [schema.type].flat()[0];
  if (kind === "object" || schema.properties) {
    const required = schema.required || [];
    return Object.fromEntries(Object.entries(schema.properties || {})
      .filter(([name, field]) => required.includes(name) || depth === 0 && resolve(field).default !== null)
      .map(([name, field]) => [name, sample(field, depth + 1)]));
  }
  if (kind === "array") return [sample(schema.items || {}, depth + 1)];
  if (kind === "integer" || kind === "number") return schema.minimum ?? 1;
  if (kind === "boolean") return true;
  if (schema.format === "date-time") return "2026-04-01T09:00:00Z";
  if (schema.format === "uri") return "https://example.com/hook";
  return kind === "null" ? null : "text";
}

const bodyOf = (operation) => operation.requestBody?.content?.["application/json"]?.schema;
const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

function curl(method, path, operation, values, body) {
  const lines = [`curl ${method === "get" ? "" : `-X ${method.toUpperCase()} `}${quoted(location.origin + filled(path, operation, values))}`];
  if (!(operation.security && operation.security.length === 0)) lines.push(`-H ${quoted(`Authorization: Bearer YOUR_API_KEY`)}`);
  for (const parameter of operation.parameters || []) {
    const value = values[parameter.name];
    if (parameter.in === "header" && value) lines.push(`-H ${quoted(`${parameter.name}: ${value}`)}`);
  }
  if (body !== undefined) lines.push(`-H 'Content-Type: application/json'`, `-d ${quoted(body)}`);
  return lines.join(" \\\n  ");
}

function filled(path, operation, values) {
  const query = new URLSearchParams();
  let address = path;
  for (const parameter of operation.parameters || []) {
    const value = values[parameter.name];
    if (parameter.in === "path") address = address.replace(`{${parameter.name}}`, encodeURIComponent(value ?? ""));
    if (parameter.in === "query" && value) for (const each of resolve(parameter.schema).type === "array" ? value.split(",") : [value]) query.append(parameter.name, each);
  }
  return query.size ? `${address}?${query}` : address;
}

function tryIt(method, path, operation) {
  const parameters = operation.parameters || [];
  const inputs = Object.fromEntries(parameters.map((parameter) =>
    [parameter.name, el("input", { "aria-label": parameter.name, value: parameter.in === "path" ? String(sample(parameter.schema)) : undefined })]));
  const schema = bodyOf(operation);
  const body = schema ? el("textarea", { "aria-label": "Body", spellcheck: "false" }, JSON.stringify(sample(schema), null, 2)) : null;
  const output = el("pre", { "aria-live": "polite", hidden: true });
  const command = el("pre", {});
  const values = () => Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, input.value]));
  const show = () => { command.textContent = curl(method, path, operation, values(), body?.value); };
  const send = async (event) => {
    event.preventDefault();
    const headers = {};
    const key = byId("key").value.trim();
    if (key) headers.Authorization = `Bearer ${key}`;
    if (body) headers["Content-Type"] = "application/json";
    for (const parameter of parameters) if (parameter.in === "header" && inputs[parameter.name].value) headers[parameter.name] = inputs[parameter.name].value;
    output.hidden = false;
    output.textContent = "Sending…";
    try {
      const answer = await fetch(filled(path, operation, values()), { method: method.toUpperCase(), headers, body: body?.value, credentials: "same-origin" });
      const text = await answer.text();
      let shown = text;
      try { shown = JSON.stringify(JSON.parse(text), null, 2); } catch { /* not JSON: shown as it is */ }
      output.textContent = `${answer.status} ${answer.statusText}\n${[...answer.headers].map(([name, value]) => `${name}: ${value}`).join("\n")}\n\n${shown}`;
    } catch (error) {
      output.textContent = `No answer came: ${error.message}`;
    }
  };
  const form = el("form", { onsubmit: send, oninput: show },
    el("div", { class: "fields" }, ...parameters.flatMap((parameter) => [el("code", {}, parameter.name), inputs[parameter.name]])),
    body, el("p", {}, el("button", { type: "submit" }, "Send")), output);
  show();
  return [el("h4", {}, "Example"), command, el("details", {}, el("summary", {}, "Try it"), form)];
}

function responses(operation) {
  return Object.entries(operation.responses || {}).map(([status, response]) => {
    const media = Object.values(response.content || {})[0];
    const examples = Object.values(media?.examples || {});
    const written = examples.length ? examples[0].value : media?.schema ? sample(media.schema) : undefined;
    const shown = [written === undefined ? null : el("pre", {}, JSON.stringify(written, null, 2)), !examples.length && media?.schema ? fields(media.schema) : null].flat();
    return el("details", { open: status.startsWith("2") }, el("summary", {}, el("code", {}, status), " ", media?.schema ? typeName(media.schema) : "no body"), ...prose(response.description), ...shown.filter(Boolean));
  });
}

function article(method, path, operation) {
  const parameters = operation.parameters || [];
  const schema = bodyOf(operation);
  return el("article", { id: operation.operationId },
    el("h3", {}, operation.summary || operation.operationId),
    el("div", { class: "address" }, el("span", { class: `method ${method.toUpperCase()}` }, method.toUpperCase()), el("code", {}, path)),
    ...prose(operation.description),
    operation["x-scope"] ? el("p", { class: "quiet" }, "Scope: ", el("code", {}, operation["x-scope"])) : null,
    parameters.length ? [el("h4", {}, "Parameters"), el("table", {}, ...parameters.map((parameter) => row(parameter.name, parameter.schema, parameter.required, parameter.description)))] : null,
    schema ? [el("h4", {}, "Body"), fields(schema)] : null,
    ...tryIt(method, path, operation),
    el("h4", {}, "Answers"), ...responses(operation));
}

function operations() {
  return Object.entries(spec.paths).flatMap(([path, item]) => METHODS.filter((method) => item[method]).map((method) => [method, path, item[method]]));
}

function draw() {
  const wanted = byId("find").value.trim().toLowerCase();
  const shown = operations().filter(([method, path, operation]) => `${method} ${path} ${operation.summary}`.toLowerCase().includes(wanted));
  const groups = grouped(shown);
  byId("list").replaceChildren(...[...groups].flatMap(([tag, entries]) => [el("h2", {}, tag), ...entries.map(([method, , operation]) =>
    el("a", { href: `#${operation.operationId}` }, el("span", { class: `method ${method.toUpperCase()}` }, method.toUpperCase()), operation.summary || operation.operationId))]));
  byId("main").replaceChildren(el("section", {}, ...prose(spec.info.description)),
    ...(shown.length ? [...groups].flatMap(([tag, entries]) => [el("h2", {}, tag), ...entries.map((entry) => article(...entry))]) : [el("p", {}, "Nothing matches. Try another word.")]));
}

function grouped(entries) {
  const groups = new Map((spec.tags || []).map(({ name }) => [name, []]));
  for (const entry of entries) {
    const tag = entry[2].tags?.[0] || "Other";
    groups.set(tag, [...(groups.get(tag) || []), entry]);
  }
  return new Map([...groups].filter(([, found]) => found.length));
}

async function load() {
  try {
    const answer = await fetch(byId("profile").value);
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    spec = await answer.json();
    draw();
    if (location.hash) byId(location.hash.slice(1))?.scrollIntoView();
  } catch (error) {
    byId("main").replaceChildren(el("p", {}, `The document can't be loaded: ${error.message}. Reload the page to try again.`));
  }
}

byId("profile").addEventListener("change", load);
byId("find").addEventListener("input", draw);
load();
