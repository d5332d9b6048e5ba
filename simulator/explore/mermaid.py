"""The flow as a Mermaid diagram, with what is never reached marked: for documents and reviews."""

from __future__ import annotations

from simulator.explore.report import Report


def report_mermaid(report: Report) -> str:
    """A flowchart. Dotted edges and dashed nodes are never reached."""
    numbers = {id: f"n{at}" for at, (id, _, _) in enumerate(report.nodes)}
    lines = ["flowchart TD"]
    lines += [f'  {numbers[id]}["{_plain(label)}"]' for id, label, _ in report.nodes]
    for port in report.wired:
        arrow = "-->" if port.path else "-.->"
        lines.append(f'  {numbers[port.node]} {arrow}|"{_plain(port.label or port.port)}"| {numbers[port.to]}')
    lines.append("  classDef missing stroke:#c92a2a,stroke-dasharray:5 4")
    unseen = [numbers[id] for id, _, seen in report.nodes if not seen]
    if unseen:
        lines.append(f"  class {','.join(unseen)} missing")
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    """Without what Mermaid reads as its own grammar."""
    return text.replace("&", "#amp;").replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;").replace("\n", " ")
