"""Condition: takes the first branch whose rule holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import Field

from engine.core.build import Build
from engine.core.example import examples
from engine.core.node import Behaviour, Go, Look, NodeConfig, NodeType, Outcome, Port, Probe, Uses
from engine.core.plain import plain
from engine.core.scope import Scope
from engine.core.visit import Visit
from nodes.finding import field_references, id_problems, rule_problems, rule_reads
from nodes.form import PortId
from schemas.problem import Problem, pointer
from schemas.rule import Rule

ELSE = "else"
MAX_BRANCHES = 20
"""Branches of one node: more can't be read on a canvas."""
MAX_REASONS = 3  # branches whose reasons the way by else repeats
SOME_DAY = datetime(2026, 1, 1, 12, tzinfo=UTC)
"""The day around which examples for dates lie; probes know no clock."""


class BranchConfig(NodeConfig):
    """A way out and when it is taken. Its id is the port."""

    id: PortId
    label: str = Field(
        title="Name", default="", max_length=200, description="A name for people.", json_schema_extra={"ui": "plain"}
    )
    rule: Rule = Field(title="When", description="When this branch is taken.", json_schema_extra={"ui": "rule"})


class ConditionConfig(NodeConfig):
    """Ordered branches: the first whose rule holds is taken."""

    branches: tuple[BranchConfig, ...] = Field(
        min_length=1,
        max_length=MAX_BRANCHES,
        description="In this order; the first whose rule holds is taken.",
        json_schema_extra={"ui": "items"},
    )
    else_label: str = Field(
        title="Name of the other way",
        default="",
        max_length=200,
        description="A name for the way without a branch.",
        json_schema_extra={"ui": "plain", "advanced": True},
    )


class Condition(NodeType[ConditionConfig]):
    """Takes the first branch whose rule holds, else `else`; the reason stands in the history ("34 >= 18").

    ```json
    {"branches": [{"id": "adult", "label": "Adult",
                   "rule": {"all": [{"subject": "contact.fields.age", "op": "gte", "value": 18},
                                    {"subject": "contact.tags", "op": "has", "value": "vip"}]}}]}
    ```
    """

    name = "condition"
    Config = ConditionConfig
    look = Look(
        label="Condition",
        group="logic",
        icon="arrows-split",
        colour="yellow",
        description="Takes the first branch whose rule holds.",
        card="",
    )
    starter: Mapping[str, Any] = {
        "branches": [{"id": "branch_1", "label": "Branch 1", "rule": {"subject": "message.text", "op": "is_set"}}]
    }
    example: Mapping[str, Any] = {
        "branches": [
            {"id": "adult", "label": "Adult", "rule": {"subject": "contact.fields.age", "op": "gte", "value": 18}},
        ],
    }

    def ports(self, config: ConditionConfig) -> tuple[Port, ...]:
        """One per branch, and `else`."""
        branches = tuple(Port(branch.id, branch.label or branch.id, "branch") for branch in config.branches)
        return (*branches, Port(ELSE, config.else_label or "Else", "branch"))

    def compile(self, config: ConditionConfig, build: Build) -> Behaviour:
        """Rules become closures here."""
        branches = [(branch.id, branch.label or branch.id, build.rule(branch.rule)) for branch in config.branches]

        def enter(visit: Visit) -> Outcome:
            refused: list[str] = []
            for id, label, check in branches:
                verdict = check(visit)
                if verdict.ok:
                    return Go(id, verdict.reason)
                refused.append(f"{label}: {verdict.reason}" if len(branches) > 1 else verdict.reason)
            return Go(ELSE, "; ".join(refused[:MAX_REASONS]) + ("; …" if refused[MAX_REASONS:] else ""))

        return Behaviour(enter)

    def uses(self, config: ConditionConfig, build: Build) -> Uses:
        """What its rules read."""
        reads = tuple(
            read
            for index, branch in enumerate(config.branches)
            for read in rule_reads(branch.rule, pointer("branches", index, "rule"), build.resolve)
        )
        return Uses(reads=reads, references=field_references(reads))

    def check(self, config: ConditionConfig, scope: Scope) -> Iterable[Problem]:
        """Doubled ids, and rules that can't be judged."""
        yield from id_problems({pointer("branches", at, "id"): each.id for at, each in enumerate(config.branches)}, (ELSE,))
        for index, branch in enumerate(config.branches):
            yield from rule_problems(branch.rule, pointer("branches", index, "rule"), scope)

    def probes(self, config: ConditionConfig) -> tuple[Probe, ...]:
        """Values on both sides of every test of what the contact says."""
        found: dict[tuple[str, str], Probe] = {}
        for branch in config.branches:
            for subject, values in examples(branch.rule, now=SOME_DAY).items():
                if subject == "message.button":
                    found |= {("choice", plain(each)): Probe("choice", plain(each), subject) for each in values}
                elif subject == "message.text" or "." not in subject or subject.startswith("var."):
                    found |= {("text", plain(each)): Probe("text", plain(each), subject) for each in values}
        return tuple(probe for probe in found.values() if probe.value)
