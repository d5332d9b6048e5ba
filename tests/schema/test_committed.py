"""The committed JSON Schema is the generated one, and accepts what it should."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from app.schema import PATH, main, schema_text
from engine.core.check import check
from engine.core.schema import compose_schema, config_schema
from engine.core.schema_error import schema_problems, validator
from nodes import NODE_TYPES, node_types
from tests.schema.tiny import TYPES as TINY
from tests.schema.tiny import flow, node

EXAMPLE = json.loads((Path(__file__).parents[1] / "fixtures/flow/design-example.json").read_text(encoding="utf-8"))
COMMITTED = json.loads(PATH.read_text(encoding="utf-8"))


def test_the_committed_schema_is_the_generated_one():
    assert PATH.read_text(encoding="utf-8") == schema_text(), "run: make schema"
    assert main(["--check"]) == 0


def test_a_stale_schema_is_told(tmp_path, monkeypatch, capsys):
    stale = tmp_path / "flow.schema.json"
    monkeypatch.setattr("app.schema.PATH", stale)
    assert main(["--check"]) == 1
    assert "make schema" in capsys.readouterr().err
    assert main([]) == 0
    assert main(["--check"]) == 0
    stale.write_text("{}")
    assert main(["--check"]) == 1


def test_it_is_a_schema_of_its_dialect():
    Draft202012Validator.check_schema(COMMITTED)
    assert COMMITTED["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert COMMITTED["$defs"]["Node"]["properties"]["type"]["enum"] == sorted(node_types())


def test_the_example_of_the_design_passes():
    assert schema_problems(EXAMPLE, validator(COMMITTED)) == []
    assert Draft202012Validator(COMMITTED).is_valid(EXAMPLE)
    result = check(EXAMPLE, node_types())
    assert [problem for problem in result.problems if problem.level == "error"] == []
    assert result.program is not None
    assert result.program.nodes["start"].wired == {"next": "greet"}


@pytest.mark.parametrize("node_type", NODE_TYPES, ids=lambda each: each.name)
def test_every_example_of_a_node_type_passes(node_type):
    document = flow([node("n", node_type.name, **node_type.example)], [])
    assert schema_problems(document, validator(COMMITTED)) == []
    assert Draft202012Validator(config_schema(node_type)).is_valid(node_type.example)


def test_patterns_mean_the_same_to_every_engine():
    def patterns(value):
        if isinstance(value, dict):
            if isinstance(value.get("pattern"), str):
                yield value["pattern"]
            for key, inner in value.items():
                if key != "labels":  # words for the values of a choice, one of which is "pattern"
                    yield from patterns(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from patterns(inner)

    found = set(patterns(COMMITTED))
    assert len(found) > 5
    for pattern in found:
        assert pattern.startswith("^"), pattern
        assert pattern.endswith(r"(?!\n)$"), pattern
        assert not any(escape in pattern for escape in (r"\d", r"\w", r"\s", r"\Z", "(?P")), pattern


def test_descriptions_hold_no_code():
    assert ">>>" not in json.dumps(COMMITTED)


def test_a_schema_is_composed_from_any_node_types():
    schema = compose_schema(TINY)
    checker = validator(schema)
    assert schema_problems(flow([node("a", "say", text="Hi")], []), checker) == []
    assert [pointer for pointer, _ in schema_problems(flow([node("a", "send_message")], []), checker)] == ["/nodes/0/type"]
    assert [pointer for pointer, _ in schema_problems(flow([{"id": "a", "type": "say"}], []), checker)] == ["/nodes/0/config"]
    assert schema_problems(flow([{"id": "a", "type": "ask"}], []), checker) == []
