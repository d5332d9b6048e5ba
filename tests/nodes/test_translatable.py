"""What translators get of each node type. A new text that contacts read belongs here, with `translate` in its field."""

from __future__ import annotations

from typing import Any

import pytest

from engine.core.schema import config_schema
from engine.core.translate import texts_of
from nodes import NODE_TYPES, node_types

MARKED: dict[str, set[str]] = {
    "ask": {"text", "yes", "no", "retry_text", "ButtonConfig.title"},
    "send_message": {
        "text", "header", "footer", "ButtonConfig.title", "ListConfig.button", "SectionConfig.title", "RowConfig.title",
        "RowConfig.description", "MediaConfig.caption", "LocationConfig.name", "LocationConfig.address",
        "TemplateConfig.parameters", "TemplateConfig.named", "TemplateConfig.header",
    },
    "notify": {"TemplateConfig.parameters", "TemplateConfig.named", "TemplateConfig.header", "MediaConfig.caption"},
    "wait": {"ReplyWait.retry_text"},
}  # fmt: skip
"""Fields by their definition; those of the config itself stand alone. The other types say nothing to contacts."""


def marked(schema: dict[str, Any]) -> set[str]:
    shapes = {"": schema, **{f"{name}.": shape for name, shape in schema.get("$defs", {}).items()}}
    return {
        prefix + key
        for prefix, shape in shapes.items()
        for key, field in shape.get("properties", {}).items()
        if field.get("translate")
    }


@pytest.mark.parametrize("node_type", NODE_TYPES, ids=lambda each: each.name)
def test_each_node_type_marks_what_contacts_read(node_type: Any) -> None:
    assert marked(config_schema(node_type)) == MARKED.get(node_type.name, set())


def places(type: str, config: Any) -> dict[str, str]:
    return {said.place: said.text for said in texts_of(node_types()[type].Config.model_validate(config))}


def test_items_with_ids_are_named_by_them_and_others_by_their_place() -> None:
    rows = [{"id": "s", "title": "Small"}, {"id": "l", "title": "Large", "description": "For two"}]
    assert places("send_message", {"text": "Size?", "list": {"sections": [{"title": "Tea", "rows": rows}]}}) == {
        "/text": "Size?",
        "/list/button": "Choose",
        "/list/sections/0/title": "Tea",
        "/list/sections/0/rows/s/title": "Small",
        "/list/sections/0/rows/l/title": "Large",
        "/list/sections/0/rows/l/description": "For two",
    }


def test_a_text_of_a_field_that_is_not_in_use_is_none() -> None:
    assert places("ask", {"text": "Sure?", "answer": "yes_no", "choices": [{"id": "a", "title": "A"}]}) == {
        "/text": "Sure?", "/yes": "Yes", "/no": "No",
    }  # fmt: skip
    assert places("ask", {"text": "Which?", "answer": "choice", "choices": [{"id": "a", "title": "A"}]}) == {
        "/text": "Which?", "/choices/a/title": "A",
    }  # fmt: skip


def test_tables_and_lists_of_texts_are_texts_each() -> None:
    template = {"name": "t", "language": "en", "parameters": ["a", "b"], "named": {"x/y": "c"}}
    assert places("send_message", {"template": template}) == {
        "/template/parameters/0": "a", "/template/parameters/1": "b", "/template/named/x~1y": "c",
    }  # fmt: skip
