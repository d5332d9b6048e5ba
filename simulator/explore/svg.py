"""The flow as an SVG drawing: what was reached, what was not, and each edge named so that a page can light it up."""

from __future__ import annotations

from html import escape

from simulator.explore.layout import HEIGHT, WIDTH, Layout, layout
from simulator.explore.report import PortSeen, Report

LABEL = 22
"""Characters of a node's name that fit its box."""
CROWDED = 3
"""Ports whose names have room below a node; of more, a page shows those that it lights up."""
BEND = 46
ASIDE = 30
"""How far an edge that leads back swings out."""


def drawing(report: Report) -> str:
    """The SVG element. It styles nothing itself: classes say what was reached."""
    edges = [(port.node, port.to) for port in report.wired]
    starts = [id for id, _, _ in report.nodes if not any(to == id for _, to in edges)]
    where = layout([id for id, _, _ in report.nodes], edges, starts)
    parts = [
        f'<svg id="graph" role="img" aria-label="The flow" viewBox="0 0 {where.width + 4 * ASIDE} {where.height}"'
        f' width="{where.width + 4 * ASIDE}" height="{where.height}">',
        '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="9" markerHeight="9"'
        ' markerUnits="userSpaceOnUse" orient="auto">'
        '<path d="M0 0L8 4L0 8z"/></marker></defs>',
    ]
    for node in dict.fromkeys(port.node for port in report.wired):
        several = [port for port in report.wired if port.node == node]
        parts += [_edge(port, at, len(several), where) for at, port in enumerate(several)]
    parts += [_node(id, label, seen, where, report) for id, label, seen in report.nodes]
    return "".join([*parts, "</svg>"])


def _edge(port: PortSeen, at: int, count: int, where: Layout) -> str:
    x, y = where.places[port.node]
    to_x, to_y = where.places[port.to]
    left = x + WIDTH * (at + 1) // (count + 1)
    bottom = y + HEIGHT
    if to_y > y:
        top = to_x + WIDTH // 2
        path = f"M{left} {bottom}C{left} {bottom + BEND} {top} {to_y - BEND} {top} {to_y}"
        label_x, label_y = left + (top - left) // 6, bottom + 15 + 11 * (at % 3)
    else:
        right = to_x + WIDTH
        aside = max(x, to_x) + WIDTH + ASIDE + 6 * at
        path = f"M{left} {bottom}C{left} {bottom + BEND} {aside + BEND} {bottom} {aside} {(bottom + to_y) // 2}"
        path += f"S{right + BEND} {to_y + HEIGHT // 2} {right} {to_y + HEIGHT // 2}"
        label_x, label_y = left + 6, bottom + 15
    state = "seen" if port.path else "missing"
    reason = f" {port.reason.words}" if port.reason is not None else ""
    title = f"{port.node} → {port.label or port.port} → {port.to}.{reason}"
    name = escape(f"{port.node} {port.port}")
    mark = "" if port.path else "✗ "
    label = escape((mark + (port.label or port.port))[:LABEL])
    text = f'<text x="{label_x}" y="{label_y}">{label}</text>' if count > 1 or mark else ""
    crowded = " crowded" if count > CROWDED else ""
    return (
        f'<g class="edge {state}{crowded}" data-edge="{name}"><title>{escape(title)}</title>'
        f'<path d="{path}" marker-end="url(#arrow)"/>{text}</g>'
    )


def _node(id: str, label: str, seen: bool, where: Layout, report: Report) -> str:
    x, y = where.places[id]
    open_ = sum(port.node == id for port in report.missing)
    words = f"{label}: reached" if seen else f"{label}: never reached"
    words += f"; {open_} ports are not" if open_ and seen else ""
    state = "seen" if seen and not open_ else "partly" if seen else "missing"
    shown = label if len(label) <= LABEL else label[: LABEL - 1] + "…"
    return (
        f'<g class="node {state}" data-node="{escape(id)}"><title>{escape(words)}</title>'
        f'<rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="10"/>'
        f'<text x="{x + WIDTH // 2}" y="{y + 19}" class="label">{escape(shown)}</text>'
        f'<text x="{x + WIDTH // 2}" y="{y + 34}" class="id">{escape(id[:26])}</text></g>'
    )
