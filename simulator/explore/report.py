"""The report of an exploration: coverage, what is missing and why, findings, extremes, and the paths as conversations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from simulator.explore.conversation import Conversation, conversation, duration_words
from simulator.explore.explorer import Explored
from simulator.explore.finding import Finding, findings
from simulator.explore.input import Silence
from simulator.explore.path import Path, Paths
from simulator.explore.reason import Reason, port_reason, rule_reason

MOST_PATHS = 200
"""Conversations that a report tells unless it is asked for more: beyond that nobody reads them."""


@dataclass(frozen=True, slots=True)
class PortSeen:
    """A port with where it leads ("" nowhere), the number of a path through it (0: none), and why there is none."""

    node: str
    port: str
    label: str
    kind: str
    to: str
    path: int
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class RuleSeen:
    """An outcome of a rule: whether it held."""

    node: str
    pointer: str
    label: str
    holds: bool
    path: int
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    covered: int
    total: int

    @property
    def percent(self) -> float:
        """In percent; 100 of nothing."""
        return 100.0 if not self.total else 100.0 * self.covered / self.total


@dataclass(frozen=True, slots=True)
class Report:
    """Everything about one exploration. Paths are numbered from 1; the first ones pass everything that any path passes."""

    flow: str
    channels: tuple[str, ...]
    tried: int
    states: int
    budget: int
    exhausted: bool
    cut: tuple[str, ...]
    nodes: tuple[tuple[str, str, bool], ...]
    """(id, label, visited)."""
    ports: tuple[PortSeen, ...]
    rules: tuple[RuleSeen, ...]
    findings: tuple[tuple[Finding, int], ...]
    """Each with the number of a path that shows it."""
    longest_wait: tuple[str, timedelta, int]
    """(node, how long, path)."""
    most_messages: tuple[int, int]
    """(how many, path)."""
    paths: tuple[Conversation, ...]
    covering: int
    """How many of the paths pass everything."""
    paths_total: int

    @property
    def wired(self) -> tuple[PortSeen, ...]:
        """The ports that lead somewhere: those whose coverage counts."""
        return tuple(port for port in self.ports if port.to)

    @property
    def missing(self) -> tuple[PortSeen, ...]:
        """The ports that lead somewhere, and that no path takes."""
        return tuple(port for port in self.wired if not port.path)

    @property
    def coverage(self) -> dict[str, Share]:
        """Of nodes, of ports that lead somewhere, and of outcomes of rules."""
        return {
            "nodes": Share(sum(seen for *_, seen in self.nodes), len(self.nodes)),
            "ports": Share(len(self.wired) - len(self.missing), len(self.wired)),
            "rules": Share(sum(bool(rule.path) for rule in self.rules), len(self.rules)),
        }


def report(found: Explored, *, most: int = MOST_PATHS) -> Report:
    """The report, with up to `most` conversations (and always those that are needed to pass everything)."""
    paths = Paths(found)
    chosen = _Chosen(paths)
    covering = [chosen.number(path) for path in sorted(paths.covering(), key=lambda path: len(path.ways))]
    told = tuple((finding, chosen.through(finding.way)) for finding in findings(found))
    silences = [way for way in found.ways if way.source >= 0 and isinstance(way.move.main, Silence)]
    wait = max(silences, key=lambda way: (way.passed, -way.index), default=None)
    everything = paths.all()
    busiest = max([*everything, *chosen.paths], key=paths.said, default=None)
    most_messages = (paths.said(busiest), chosen.number(busiest)) if busiest is not None else (0, 0)
    longest_wait = ("", timedelta(0), 0)
    if wait is not None:
        longest_wait = (found.states[wait.source].node, wait.passed, chosen.through(wait.index))
    for path in everything:
        if len(chosen.paths) >= most:
            break
        chosen.number(path)
    chosen.finish()
    document = found.study.document
    return Report(
        flow=document.name,
        channels=tuple(stage.channel for stage in found.stages),
        tried=found.tried,
        states=len(found.states),
        budget=found.budget,
        exhausted=found.exhausted,
        cut=tuple(sorted(found.cut)),
        nodes=tuple((part.id, part.label, part.id in found.nodes) for part in found.study.parts.values()),
        ports=tuple(_ports(found, chosen)),
        rules=tuple(_rules(found, chosen)),
        findings=told,
        longest_wait=longest_wait,
        most_messages=most_messages,
        paths=tuple(conversation(paths.perform(path)) for path in chosen.paths),
        covering=len(covering),
        paths_total=max(len(everything), len(chosen.paths)),
    )


class _Chosen:
    """The paths that are told, each once, by their number."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        self._numbers: dict[Path, int] = {}
        self._first: dict[tuple[str, str], int] = {}
        self._outcome: dict[tuple[str, ...], int] = {}

    @property
    def paths(self) -> list[Path]:
        """In the order of their numbers."""
        return list(self._numbers)

    def number(self, path: Path) -> int:
        """The path's number; it is taken in where it is new."""
        return self._numbers.setdefault(path, len(self._numbers) + 1)

    def through(self, way: int) -> int:
        """The number of a path through a way: one that is told already, else the shortest."""
        for path, number in self._numbers.items():
            if way in path.ways:
                return number
        return self.number(self._paths.through(self._paths.found.ways[way]))

    def finish(self) -> None:
        """Look up which path passes what first."""
        for path, number in self._numbers.items():
            for goal in self._paths.goals(path):
                self._outcome.setdefault(goal, number)

    def passing(self, *goal: str) -> int:
        """The number of the first path that passes this."""
        return self._outcome.get(goal, 0)


def _ports(found: Explored, chosen: _Chosen) -> Iterable[PortSeen]:
    for part in found.study.parts.values():
        for port in part.ports:
            to = part.wired.get(port.id, "")
            path = chosen.passing("port", part.id, port.id)
            reason = None if path or not to else port_reason(found, part, port.id)
            yield PortSeen(part.id, port.id, port.label, port.kind, to, path, reason)


def _rules(found: Explored, chosen: _Chosen) -> Iterable[RuleSeen]:
    for part in found.study.parts.values():
        for branch in part.branches:
            for holds in (True, False):
                path = chosen.passing("rule", part.id, branch.pointer, str(holds))
                seen = (part.id, branch.pointer, holds) in found.rules
                reason = None if path or seen else rule_reason(found, part, branch, holds)
                yield RuleSeen(part.id, branch.pointer, branch.label, holds, path or -int(seen), reason)


def report_json(report: Report) -> dict[str, Any]:
    """The report as JSON."""
    return {
        "flow": report.flow,
        "channels": list(report.channels),
        "tried": report.tried,
        "states": report.states,
        "budget": report.budget,
        "exhausted": report.exhausted,
        "not_every_combination_at": list(report.cut),
        "coverage": {
            name: {"covered": share.covered, "total": share.total, "percent": round(share.percent, 1)}
            for name, share in report.coverage.items()
        },
        "nodes": [{"id": id, "label": label, "visited": seen} for id, label, seen in report.nodes],
        "ports": [
            {
                "node": port.node,
                "port": port.port,
                "label": port.label,
                "kind": port.kind,
                "to": port.to or None,
                "path": port.path or None,
                "reason": _reason_json(port.reason),
            }
            for port in report.ports
        ],
        "rules": [
            {
                "node": rule.node,
                "pointer": rule.pointer,
                "label": rule.label,
                "holds": rule.holds,
                "reached": bool(rule.path),
                "path": rule.path if rule.path > 0 else None,
                "reason": _reason_json(rule.reason),
            }
            for rule in report.rules
        ],
        "findings": [
            {
                "code": finding.code,
                "level": finding.level,
                "node": finding.node,
                "message": finding.message,
                "hint": finding.hint,
                "path": path,
            }
            for finding, path in report.findings
        ],
        "longest_wait": {
            "node": report.longest_wait[0] or None,
            "seconds": int(report.longest_wait[1].total_seconds()),
            "words": duration_words(report.longest_wait[1]),
            "path": report.longest_wait[2] or None,
        },
        "most_messages": {"count": report.most_messages[0], "path": report.most_messages[1] or None},
        "paths_total": report.paths_total,
        "covering": report.covering,
        "paths": [_path_json(number, path) for number, path in enumerate(report.paths, 1)],
    }


def _reason_json(reason: Reason | None) -> dict[str, Any] | None:
    return {"code": reason.code, "message": reason.words, "proved": reason.proved} if reason is not None else None


def _path_json(number: int, path: Conversation) -> dict[str, Any]:
    return {
        "number": number,
        "title": path.title,
        "channel": path.channel,
        "ending": path.ending,
        "seconds": path.seconds,
        "messages": path.messages,
        "steps": [[node, port] for node, port in path.ports],
        "lines": [
            {
                key: value
                for key, value in (
                    ("side", entry.side),
                    ("text", entry.text),
                    ("choices", list(entry.choices)),
                    ("node", entry.node),
                    ("failed", entry.failed),
                )
                if value
            }
            for entry in path.entries
        ],
    }
