"""A corpus of broken flows: the committed schema alone, and the checker, each refuse them at the place that is named."""

import json
from pathlib import Path
from typing import Any

import pytest

from engine.core.check import check
from engine.core.schema_error import schema_problems, validator
from nodes import node_types

ROOT = Path(__file__).parents[2]
CASES: dict[str, dict[str, Any]] = {
    path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "tests/fixtures/broken").glob("*.json"))
}
BY_SCHEMA = [name for name, case in CASES.items() if case["by"] == "schema"]
BY_CHECK = [name for name, case in CASES.items() if case["by"] == "check"]
COMMITTED = validator(json.loads((ROOT / "schemas/flow.schema.json").read_text(encoding="utf-8")))
TYPES = node_types()


def test_the_corpus_is_large_enough():
    assert len(BY_SCHEMA) >= 60
    assert len(BY_CHECK) >= 10


@pytest.mark.parametrize("name", BY_SCHEMA)
def test_the_committed_schema_alone_refuses_it_where_the_models_do(name):
    case = CASES[name]
    pointers = {pointer for pointer, _ in schema_problems(case["document"], COMMITTED)}
    assert case["pointer"] in pointers
    errors = {problem.pointer for problem in check(case["document"], TYPES).problems if problem.level == "error"}
    assert pointers <= errors


@pytest.mark.parametrize("name", BY_CHECK)
def test_the_schema_cannot_see_it(name):
    assert schema_problems(CASES[name]["document"], COMMITTED) == []


@pytest.mark.parametrize("name", CASES)
def test_the_checker_names_the_place_in_plain_words(name):
    case = CASES[name]
    result = check(case["document"], TYPES)
    assert result.program is None
    (problem, *_) = [each for each in result.problems if (each.pointer, each.code) == (case["pointer"], case["code"])]
    assert problem.level == "error"
    assert problem.message[0].isupper() or problem.message[0] in "“'"
    assert problem.message.endswith(".")
    for jargon in ("Input should", "pydantic", "Value error", "regex", "None", "tuple", "dict"):
        assert jargon not in problem.message
