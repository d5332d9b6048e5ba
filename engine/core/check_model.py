"""The first look at a flow document: its models and every node's config. What is broken doesn't hide the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine.core.check_error import M, read_model
from engine.core.check_words import listing, suggestion
from engine.core.node import NodeConfig, NodeType
from schemas.flow import MAX_EDGES, MAX_NODES, MAX_VARIABLES, Edge, FlowDocument, Languages, Node, Settings, Variable
from schemas.problem import Problem, pointer

CURRENT_SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Sound:
    """A node whose own fields are right; its type and config are None where they are not."""

    index: int
    node: Node
    type: NodeType[Any] | None = None
    config: NodeConfig | None = None


@dataclass(frozen=True, slots=True)
class Models:
    """What could be read. `document` is None as soon as one part of it is broken."""

    document: FlowDocument | None
    problems: tuple[Problem, ...]
    nodes: tuple[Sound, ...] = ()
    broken_ids: frozenset[str] = frozenset()
    """Ids of nodes that could not be read: edges to them don't dangle."""
    edges: tuple[tuple[int, Edge], ...] = ()
    variables: tuple[tuple[int, Variable], ...] = ()
    settings: Settings = field(default_factory=Settings)
    languages: Languages = field(default_factory=Languages)
    layout: tuple[str, ...] = ()
    complete: bool = True
    """Every node and edge was read."""


def read_flow(document: object, node_types: Mapping[str, NodeType[Any]]) -> Models:
    """The models of a tidied document, with every problem that they see. Total on any JSON."""
    if not isinstance(document, dict):
        problem = Problem("wrong_type", "error", "", "A flow is an object with keys.", 'Start with {"schema": 1, "name": …}.')
        return Models(None, (problem,), complete=False)
    schema = _schema_problem(document)
    if schema and schema.code == "newer_schema":
        return Models(None, (schema,), complete=False)
    flow, problems = read_model(FlowDocument, {**document, "schema": CURRENT_SCHEMA})
    if schema:
        problems.insert(0, schema)
    raw_nodes, raw_edges = _items(document, "nodes", MAX_NODES), _items(document, "edges", MAX_EDGES)
    nodes = _read_all(Node, raw_nodes) if flow is None else list(enumerate(flow.nodes))
    edges = _read_all(Edge, raw_edges) if flow is None else list(enumerate(flow.edges))
    variables = (
        _read_all(Variable, _items(document, "variables", MAX_VARIABLES)) if flow is None else list(enumerate(flow.variables))
    )
    read = {index for index, _ in nodes}
    every_node = _items(document, "nodes")
    ids = [raw.get("id") for index, raw in enumerate(every_node) if index not in read and isinstance(raw, dict)]
    settings = flow.settings if flow else read_model(Settings, document.get("settings", {}))[0]
    languages = read_model(Languages, {key: document[key] for key in Languages.model_fields if key in document})[0]
    layout = document.get("layout")
    sound = [_config(index, node, raw_nodes[index], node_types, problems) for index, node in nodes]
    _broken_configs(raw_nodes, read, node_types, problems)
    return Models(
        document=None if problems else flow,
        problems=tuple(problems),
        nodes=tuple(sound),
        broken_ids=frozenset(id for id in ids if isinstance(id, str)),
        edges=tuple(edges),
        variables=tuple(variables),
        settings=settings or Settings(),
        languages=languages or Languages(),
        layout=tuple(layout) if isinstance(layout, dict) else (),
        complete=len(nodes) == len(every_node)
        and len(edges) == len(_items(document, "edges"))
        and all(each.config for each in sound),
    )


def _schema_problem(document: dict[str, Any]) -> Problem | None:
    number = document.get("schema", CURRENT_SCHEMA)
    if isinstance(number, bool) or not isinstance(number, int):
        return Problem("wrong_type", "error", "/schema", "The schema's number is a whole number.", f"Write {CURRENT_SCHEMA}.")
    if number > CURRENT_SCHEMA:
        message = f"This flow was made by a newer version (schema {number:,}); this one reads up to {CURRENT_SCHEMA}."
        return Problem("newer_schema", "error", "/schema", message, "Update PostDog, then try again.")
    if number < 1:
        return Problem("not_a_choice", "error", "/schema", "There is no such schema number.", f"Write {CURRENT_SCHEMA}.")
    return None


def _items(document: dict[str, Any], key: str, most: int | None = None) -> list[Any]:
    items = document.get(key)
    return items[:most] if isinstance(items, list) else []


def _read_all(model: type[M], items: list[Any]) -> list[tuple[int, M]]:
    read = ((index, read_model(model, item)[0]) for index, item in enumerate(items))
    return [(index, item) for index, item in read if item is not None]


def _config(
    index: int, node: Node, raw: dict[str, Any], node_types: Mapping[str, NodeType[Any]], problems: list[Problem]
) -> Sound:
    """The node with its type and config; what is wrong with them is added to the problems."""
    node_type = node_types.get(node.type)
    if node_type is None:
        problems.append(_unknown_type(index, node.type, node_types))
        return Sound(index, node)
    config, found = _read_config(node_type, raw, index)
    problems += found
    return Sound(index, node, node_type, config)


def _broken_configs(
    raw_nodes: list[Any], read: set[int], node_types: Mapping[str, NodeType[Any]], problems: list[Problem]
) -> None:
    """Configs and types of nodes that are broken elsewhere: their problems are told too."""
    for index, raw in enumerate(raw_nodes):
        if index in read or not isinstance(raw, dict) or not isinstance(raw.get("type"), str):
            continue
        node_type = node_types.get(raw["type"])
        if node_type is None:
            if pointer("nodes", index, "type") not in {problem.pointer for problem in problems}:
                problems.append(_unknown_type(index, raw["type"], node_types))
        elif isinstance(raw.get("config", {}), dict):
            problems += _read_config(node_type, raw, index)[1]


def _read_config(node_type: NodeType[Any], raw: dict[str, Any], index: int) -> tuple[NodeConfig | None, list[Problem]]:
    at = ("nodes", index, "config")
    config, found = read_model(node_type.Config, raw.get("config", {}), at)
    if found and "config" not in raw:
        missing = [problem.pointer.rpartition("/")[2] for problem in found if problem.code == "missing"]
        message = f"This node has no config; it needs {listing(missing)}." if missing else "This node has no config."
        found = [replace(found[0], code="missing", pointer=pointer(*at), message=message, hint="Fill it in.")]
    return config, found


def _unknown_type(index: int, name: str, node_types: Mapping[str, NodeType[Any]]) -> Problem:
    known = sorted(node_types)
    hint = " ".join(filter(None, (suggestion(name, known), f"Known types: {listing(known, most=60)}.")))
    where = pointer("nodes", index, "type")
    return Problem("unknown_node_type", "error", where, f"There is no node type “{name[:64]}”.", hint)
