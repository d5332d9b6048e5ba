"""The HTML report: one file that loads nothing, with everything marked that is not reached; and the Mermaid diagram."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from itertools import combinations

from simulator.explore.html import report_html
from simulator.explore.layout import HEIGHT, WIDTH, layout
from simulator.explore.mermaid import report_mermaid
from simulator.explore.report import Report
from tests.simulator.explore.flow import ask, flow, fork, reported, say, start, when

EVIL = "</script><img src=x onerror=alert(1)>"


class Loads(HTMLParser):
    """Collects what a page would load, and what would run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [f"{tag} {name}" for name, _ in attrs if name in ("src", "href", "action") or name.startswith("on")]


def made() -> Report:
    nodes = [start(), say("a", EVIL), ask("q", "n"), fork("f", when("n", "gte", 10), when("n", "gte", 20)), say("end")]
    return reported(flow(nodes, ["start a", "a q", "q f", "f.b0 end", "f.b1 end", "f.else q"], name=EVIL))


def test_the_page_loads_nothing_and_keeps_texts_as_texts() -> None:
    page = report_html(made())
    loads = Loads()
    loads.feed(page)
    assert loads.found == []
    assert EVIL not in page
    assert "default-src 'none'" in page
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert data is not None
    assert json.loads(data[1])["flow"] == EVIL


def test_what_is_not_reached_is_marked_in_the_drawing() -> None:
    page = report_html(made())
    assert '<g class="edge missing" data-edge="f b1">' in page
    assert '<g class="edge seen" data-edge="f b0">' in page
    assert '<g class="node partly" data-node="f">' in page
    assert "shadowed" in page


def test_mermaid_marks_it_too() -> None:
    diagram = report_mermaid(made())
    assert diagram.startswith("flowchart TD\n")
    assert "<" not in diagram
    assert sum("-.->" in line for line in diagram.splitlines()) == 1


def test_no_two_nodes_of_a_drawing_overlap() -> None:
    nodes = [f"n{at}" for at in range(40)]
    edges = [(f"n{at}", f"n{to}") for at in range(40) for to in (at * 2 + 1, at * 2 + 2, at // 3) if to < 40]
    places = layout(nodes, edges, ["n0"]).places
    assert set(places) == set(nodes)
    for (x, y), (other_x, other_y) in combinations(places.values(), 2):
        assert abs(x - other_x) >= WIDTH or abs(y - other_y) >= HEIGHT
