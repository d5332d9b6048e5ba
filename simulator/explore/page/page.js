"use strict";
const report = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);
const list = byId("paths"), chat = byId("chat"), search = byId("search"), about = byId("about"), playing = byId("play");
const graph = byId("graph");
let timer = 0, shown = null;

function element(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function fill() {
  const wanted = search.value.trim().toLowerCase();
  list.replaceChildren();
  for (const path of report.paths) {
    const all = [path.title, path.channel, path.ending, ...path.steps.flat(), ...path.lines.map((line) => line.text || "")];
    if (wanted && !all.some((text) => text.toLowerCase().includes(wanted))) continue;
    const option = element("option", "", `${path.number}. ${path.title}`);
    option.value = path.number;
    option.title = path.title;
    list.append(option);
  }
  if (list.options.length) show(Number(list.options[0].value));
  else { stop(); shown = null; about.textContent = "No path has this."; chat.replaceChildren(); light(null); }
}

function light(path) {
  for (const each of graph.querySelectorAll(".on")) each.classList.remove("on");
  if (!path) return;
  const nodes = new Set(path.steps.map(([node]) => node)), edges = new Set(path.steps.map(([node, port]) => `${node} ${port}`));
  for (const each of graph.querySelectorAll("[data-node]")) each.classList.toggle("on", nodes.has(each.dataset.node));
  for (const each of graph.querySelectorAll("[data-edge]")) each.classList.toggle("on", edges.has(each.dataset.edge));
}

function bubble(line) {
  if (line.side === "event") return element("div", "happened", line.text);
  const made = element("div", `bubble ${line.side}${line.failed ? " failed" : ""}`, line.text);
  if (line.choices) {
    const choices = element("div", "choices");
    for (const title of line.choices) choices.append(element("span", "", title));
    made.append(choices);
  }
  const small = [line.node, line.failed ? `not delivered: ${line.failed}` : ""].filter(Boolean).join(" · ");
  if (small) made.append(element("small", "", small));
  return made;
}

function stop() {
  clearTimeout(timer);
  timer = 0;
  playing.textContent = "Play";
}

function show(number) {
  stop();
  const path = report.paths.find((each) => each.number === number);
  if (!path) return;
  shown = path;
  list.value = String(number);
  about.textContent = `${path.channel} · ${path.messages} messages`;
  chat.replaceChildren(...path.lines.map(bubble), element("div", "end", path.ending));
  chat.scrollTop = 0;
  light(path);
}

function play() {
  if (timer) { stop(); show(shown.number); return; }
  if (!shown) return;
  const parts = [...shown.lines.map(bubble), element("div", "end", shown.ending)];
  chat.replaceChildren();
  playing.textContent = "Stop";
  const step = () => {
    chat.append(parts.shift());
    chat.scrollTop = chat.scrollHeight;
    if (parts.length) timer = setTimeout(step, 750);
    else stop();
  };
  timer = setTimeout(step, 150);
}

function beside(by) {
  const at = list.selectedIndex + by;
  if (at >= 0 && at < list.options.length) show(Number(list.options[at].value));
}

list.addEventListener("change", () => show(Number(list.value)));
search.addEventListener("input", fill);
playing.addEventListener("click", play);
byId("previous").addEventListener("click", () => beside(-1));
byId("next").addEventListener("click", () => beside(1));
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-path]");
  if (link) { search.value = ""; fill(); show(Number(link.dataset.path)); chat.scrollIntoView({block: "nearest"}); return; }
  const edge = event.target.closest("[data-edge], [data-node]");
  if (edge) { search.value = edge.dataset.node || edge.dataset.edge.split(" ")[0]; fill(); }
});
fill();
