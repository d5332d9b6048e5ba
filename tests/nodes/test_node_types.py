"""Every node type says of itself what the builder, the docs and the simulator need, and says it truly."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from engine.core.build import Build
from engine.core.check import check
from engine.core.node import NodeType
from engine.core.path import resolver
from nodes import NODE_TYPES, node_types
from tests.nodes.test_goldens import cases

each_type = pytest.mark.parametrize("type", NODE_TYPES, ids=lambda each: each.name)
FENCE = re.compile(r"```json\n(.*?)```", re.DOTALL)
ODD: tuple[Any, ...] = (None, True, 0, 1.5, -1, "", "x", "5", [], ["x"], {}, {"kind": "x"})
UIS = {
    "text", "line", "words", "variable", "path", "json_path", "mapping", "duration", "date", "time", "instant", "timezone",
    "cron", "hours", "hours_key", "weekdays", "team", "user", "template",
    "channels", "media", "tag", "rule", "expression", "items", "id", "choice",
    "switch", "number", "group", "field", "flow", "channel", "flow_inputs", "flow_outputs", "node", "plain",
}  # fmt: skip
SHARED = {"Expect", "Hours", "Interval", "AllOf", "AnyOf", "NotOf", "Expression", "Test"}
"""Models of `schemas`: each has one control for the whole of it, and tests of its own."""


def configs(type: NodeType[Any]) -> Iterator[dict[str, Any]]:
    yield dict(type.example)
    for case in cases(type.name):
        yield case["config"]


def test_names_are_unique_and_the_tuple_is_the_whole_truth() -> None:
    names = ["trigger", "send_message", "wait", "condition", "assign_agent", "set", "end", "split", "ask"]
    names += ["close_conversation", "add_to_drip", "remove_from_drip", "emit_event", "notify"]
    names += ["run_flow", "go_to_flow", "jump"]
    names += ["ai_reply", "ai_choose", "call_api"]
    assert [type.name for type in NODE_TYPES] == names
    assert list(node_types().values()) == list(NODE_TYPES)


@each_type
def test_the_examples_in_the_docs_are_configs_that_pass_the_checker(type: NodeType[Any]) -> None:
    found = [json.loads(block) for block in FENCE.findall(type.__doc__ or "")]
    assert found
    for config in [*found, dict(type.example)]:
        nodes = [{"id": "start", "type": "trigger", "config": {"on": {"kind": "message"}}}]
        nodes += [{"id": "node", "type": type.name, "config": config}]
        nodes += [{"id": to, "type": "end"} for to in type.leads(type.Config.model_validate(config)).values()]
        ports = type.ports(type.Config.model_validate(config))
        document = {
            "schema": 1,
            "name": "Example",
            "nodes": nodes,
            "edges": [{"from": "start", "port": "next", "to": "node"}] if type.name != "trigger" else [],
            "variables": [{"name": "appointment", "default": "2026-12-24"}],
        }
        assert ports or type.name in ("end", "jump")
        assert [each for each in check(document, node_types()).problems if each.level == "error"] == []


@each_type
def test_every_field_is_described_and_has_a_control(type: NodeType[Any]) -> None:
    schema = type.Config.model_json_schema()
    for model in [schema, *(each for name, each in schema.get("$defs", {}).items() if name not in SHARED)]:
        for name, field in model["properties"].items():
            assert field.get("description"), (model["title"], name)
            assert field.get("ui") in UIS, (model["title"], name)


@each_type
def test_ports_are_distinct_and_look_and_card_are_filled(type: NodeType[Any]) -> None:
    for raw in configs(type):
        ports = type.ports(type.Config.model_validate(raw))
        assert len({port.id for port in ports}) == len(ports)
        assert all(port.label for port in ports)
    assert type.look.label
    assert type.look.description.endswith(".")
    for key in re.findall(r"\{([^}]*)\}", type.look.card):
        assert key.split(".")[0] in type.Config.model_json_schema()["properties"]


@each_type
def test_time_and_probes_are_known_for_every_port(type: NodeType[Any]) -> None:
    for raw in configs(type):
        config = type.Config.model_validate(raw)
        for port in type.ports(config):
            elapsed = type.elapsed(config, port.id)
            assert elapsed is None or elapsed >= timedelta(0)
        choices = {probe.value for probe in type.probes(config) if probe.kind == "choice"}
        if type.name == "send_message":
            assert choices == {port.id for port in type.ports(config) if port.kind == "branch"} - {"other"}


@each_type
def test_what_is_read_and_named_has_a_pointer_into_the_config(type: NodeType[Any]) -> None:
    for raw in configs(type):
        config = type.Config.model_validate(raw)
        names = [*type.writes(config), "n", "none", "word", "day", "file", "city", "appointment", "call_at", "temperature"]
        build = Build("node", {}, resolver(names))
        uses = type.uses(config, build)
        for at in [at for _, at in uses.reads] + [each.pointer for each in uses.references]:
            value: Any = raw
            for part in at.split("/")[1:]:
                value = value[int(part)] if isinstance(value, list) else value[part]
            assert isinstance(value, str)


@each_type
def test_the_schema_alone_accepts_and_rejects_what_the_model_does(type: NodeType[Any]) -> None:
    schema = type.Config.model_json_schema()
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    seen: set[str] = set()
    for raw in configs(type):
        for config in spoiled(raw):
            text = json.dumps(config, sort_keys=True)
            if text not in seen:
                seen.add(text)
                assert validator.is_valid(config) == is_valid(type, config), config
    assert len(seen) > 20


def is_valid(type: NodeType[Any], config: Any) -> bool:
    try:
        type.Config.model_validate(config)
    except ValidationError:
        return False
    return True


def spoiled(value: Any) -> Iterator[Any]:
    """The value, and the value with one part of it left out, added or replaced by something odd."""
    yield value
    yield from ODD
    if isinstance(value, dict):
        yield {**value, "unknown": 1}
        for key, part in value.items():
            yield {name: each for name, each in value.items() if name != key}
            if key not in ("expect", "hours", "rule"):
                yield from ({**value, key: odd} for odd in spoiled(part))
    elif isinstance(value, list):
        yield [*value, *value]
        for index, part in enumerate(value):
            yield from ([*value[:index], odd, *value[index + 1 :]] for odd in spoiled(part))
