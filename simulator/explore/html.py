"""The report as one HTML file: the flow drawn, what is missing marked, each path to be played as a chat. It loads nothing."""

from __future__ import annotations

from html import escape
from pathlib import Path
from string import Template

import orjson

from simulator.explore.conversation import duration_words
from simulator.explore.report import Report, report_json
from simulator.explore.svg import drawing

PAGE = Path(__file__).parent / "page"
NAMES = {"nodes": "Nodes", "ports": "Ports", "rules": "Outcomes of rules"}


def report_html(report: Report) -> str:
    """The page, complete in itself: a strict Content-Security-Policy lets it neither load nor send anything."""
    template = Template((PAGE / "page.html").read_text("utf-8"))
    return template.substitute(
        title=escape(report.flow),
        channels=escape(" and ".join(report.channels)),
        meters="".join(_meter(NAMES[name], share.covered, share.total) for name, share in report.coverage.items()),
        facts="".join(f"<li>{line}</li>" for line in _facts(report)),
        missing=_missing(report),
        findings=_findings(report),
        drawing=drawing(report),
        style=(PAGE / "page.css").read_text("utf-8"),
        script=(PAGE / "page.js").read_text("utf-8"),
        data=orjson.dumps(report_json(report)).decode().replace("<", "\\u003c"),
    )


def _meter(name: str, covered: int, total: int) -> str:
    share = 100 if not total else 100 * covered // total
    state = "whole" if covered == total else "partial"
    return (
        f'<div class="meter {state}"><span class="number">{share} %</span><span class="name">{name}</span>'
        f'<span class="of">{covered} of {total}</span><span class="bar"><i style="width:{share}%"></i></span></div>'
    )


def _facts(report: Report) -> list[str]:
    node, length, path = report.longest_wait
    facts = [
        f"{report.paths_total:,} paths through {report.states:,} places; {report.covering} of them pass everything",
        f"Most messages to one customer: {report.most_messages[0]} {_link(report.most_messages[1])}",
    ]
    if path:
        facts.append(f"Longest wait: {duration_words(length)} at {escape(node)} {_link(path)}")
    if report.exhausted:
        facts.append(f"<strong>Stopped after {report.budget:,} places: the rest was not tried.</strong>")
    for each in report.cut:
        facts.append(f"At {escape(each)} not every combination of facts was tried.")
    return facts


def _missing(report: Report) -> str:
    lines = [
        f"<li><code>{escape(port.node)} → {escape(port.port)}</code> {_why(port.reason.words, port.reason.code)}</li>"
        for port in report.missing
        if port.reason is not None
    ]
    lines += [
        f"<li><code>{escape(rule.node)}</code> “{escape(rule.label)}” {'never holds' if rule.holds else 'always holds'}. "
        f"{_why(rule.reason.words, rule.reason.code)}</li>"
        for rule in report.rules
        if not rule.path and rule.reason is not None
    ]
    if not lines:
        return '<p class="good">Every port and every outcome is reached.</p>'
    return f'<ul class="list missing">{"".join(lines)}</ul>'


def _why(words: str, code: str) -> str:
    return f'{escape(words)} <span class="code">{escape(code)}</span>'


def _findings(report: Report) -> str:
    lines = [
        f'<li class="{finding.level}">{escape(finding.message)} {escape(finding.hint)} {_link(path)}'
        f' <span class="code">{escape(finding.code)}</span></li>'
        for finding, path in report.findings
    ]
    return f'<ul class="list">{"".join(lines)}</ul>' if lines else '<p class="good">Nothing to mend was found.</p>'


def _link(path: int) -> str:
    return f'<button type="button" class="link" data-path="{path}">path {path}</button>' if path else ""
