"""The JSON Schema (Draft 2020-12) of flow documents, composed from the models and from every node type's config."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from engine.core.check_error import read_model
from engine.core.node import NodeType
from engine.core.schema_shape import SchemaWithFormats, polish
from schemas.flow import FlowDocument

Json = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
ID = "urn:postdog:flow:1"


def compose_schema(node_types: Mapping[str, NodeType[Any]]) -> Json:
    """The schema of flow documents that hold nodes of these types.

    A node's `type` picks the schema of its `config`, so that an error is told about the config that was meant. It accepts what
    the models accept, but for a few rules that no schema can say (see `engine.core.schema_shape.FORMATS`).
    """
    schema = _schema_of(FlowDocument, "")
    definitions: Json = schema.pop("$defs")
    node = definitions["Node"]
    node["properties"]["type"] = {
        "description": node["properties"]["type"]["description"],
        "enum": sorted(node_types),
        "title": "Type",
        "type": "string",
    }
    node["allOf"] = []
    for name in sorted(node_types):
        config = _schema_of(node_types[name].Config, f"{name}.")
        definitions |= config.pop("$defs", {})
        definitions[f"{name}.config"] = config
        picked: Json = {"properties": {"config": {"$ref": f"#/$defs/{name}.config"}}}
        if read_model(node_types[name].Config, {})[0] is None:
            picked["required"] = ["config"]
        node["allOf"].append({"if": {"properties": {"type": {"const": name}}, "required": ["type"]}, "then": picked})
    return {"$schema": DIALECT, "$id": ID, **schema, "title": "Flow", "$defs": definitions}


def config_schema(node_type: NodeType[Any]) -> Json:
    """The schema of one node type's config alone, for forms and docs."""
    return {"$schema": DIALECT, **_schema_of(node_type.Config, "")}


def _schema_of(model: type[BaseModel], prefix: str) -> Json:
    """A model's schema, with a prefix before the names of its definitions."""
    template = f"#/$defs/{prefix}{{model}}"
    raw = model.model_json_schema(by_alias=True, ref_template=template, schema_generator=SchemaWithFormats)
    raw["$defs"] = {prefix + name: definition for name, definition in raw.get("$defs", {}).items()}
    polished: Json = polish(raw, raw["$defs"])
    if not polished["$defs"]:
        del polished["$defs"]
    return polished
