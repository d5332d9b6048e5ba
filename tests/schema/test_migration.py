"""Older documents are brought to the current form by a chain of pure functions."""

import copy
import json
from pathlib import Path

import pytest

from schemas.flow import FlowDocument
from schemas.migration import MIGRATIONS, migrate

FIXTURES = Path(__file__).parents[1] / "fixtures/migration"


def rename_title(old):
    """A toy of schema 1 -> 2: the title is called name."""
    return {"name": old["title"], **{key: value for key, value in old.items() if key != "title"}}


def ids_as_texts(old):
    """A toy of schema 2 -> 3: ids become texts."""
    return {**old, "nodes": [{**node, "id": str(node["id"])} for node in old["nodes"]]}


TOYS = (rename_title, ids_as_texts)


@pytest.mark.parametrize("name", ["toy-1", "toy-2", "toy-3"])
def test_each_older_form_becomes_the_newest(name):
    pair = json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))
    before = copy.deepcopy(pair["before"])
    assert migrate(pair["before"], TOYS) == pair["after"]
    assert pair["before"] == before, "the older document stays as it was"


def test_the_chain_ends_at_the_form_that_the_models_read():
    number = FlowDocument.model_fields["schema_"].default
    assert len(MIGRATIONS) == number - 1
    for place in range(len(MIGRATIONS)):
        assert (FIXTURES / f"{place + 1}.json").exists(), "a before/after pair shows the step"


@pytest.mark.parametrize("document", [None, [], 5, {"schema": "1"}, {"schema": True}, {"schema": 0}, {"schema": 9}])
def test_what_is_no_older_flow_is_left_alone(document):
    assert migrate(document, TOYS) == document
