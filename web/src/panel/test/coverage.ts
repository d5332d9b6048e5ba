// Every path of a flow, played by the server: its report, told line by line.
import { ApiError, Unreachable } from "@/api/error";
import { flowPath } from "@/api/flow";
import type { EdgePaint, NodePaint, Paint } from "@/flow/store";

interface Reason {
  message: string;
}

export interface Report {
  coverage: Record<string, { covered: number; total: number; percent: number }>;
  nodes: { id: string; label: string; visited: boolean }[];
  ports: { node: string; port: string; label: string; kind: string; to: string | null; path: number | null; reason: Reason | null }[];
  findings: { code: string; level: string; node: string; message: string; hint: string; path: number | null }[];
  exhausted: boolean;
  paths_total: number;
  longest_wait: { words: string; node: string | null };
  most_messages: { count: number };
  paths: Path[];
}

export interface Path {
  number: number;
  title: string;
  channel: string;
  ending: string;
  messages: number;
  steps: [string, string | null][];
  lines: { side: string; text?: string; choices?: string[] }[];
}

export interface Progress {
  tried: number;
  states: number;
  nodes: string[];
}

type Line = ({ state: "running" } & Progress) | { state: "done"; report: Report };

/** Plays every path of the saved draft; tells how far it is, and gives the report. */
export async function explore(flow: string, tell: (progress: Progress) => void, signal: AbortSignal): Promise<Report> {
  const init = { method: "POST", credentials: "same-origin", headers: { "Content-Type": "application/json" }, body: "{}", signal } as const;
  const response = await fetch(`${flowPath(flow)}/explore`, init).catch((trouble: unknown) => {
    throw signal.aborted ? trouble : new Unreachable();
  });
  if (!response.ok || !response.body) throw await ApiError.from(response);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    rest += value ?? "";
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const said = JSON.parse(line) as Line;
      if (said.state === "done") return said.report;
      tell(said);
    }
    if (done) throw new Unreachable();
  }
}

/** What was reached and what wasn't, as it is painted on the canvas. */
export function coveragePaint(report: Report): Paint {
  const nodes = new Map<string, NodePaint>(report.nodes.map(({ id, visited }) => [id, { tone: visited ? "covered" : "missed" }]));
  const edges = new Map<string, EdgePaint>(report.ports.map(({ node, port, path }) => [`${node}/${port}`, { tone: path ? "covered" : "missed" }]));
  return { nodes, edges };
}

/** One path as it is painted on the canvas. */
export function pathPaint(path: Path): Paint {
  const nodes = new Map<string, NodePaint>(path.steps.map(([node]) => [node, { tone: "path" }]));
  const edges = new Map<string, EdgePaint>(path.steps.flatMap(([node, port]) => (port ? [[`${node}/${port}`, { tone: "path" }] as const] : [])));
  return { nodes, edges };
}
