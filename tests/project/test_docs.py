"""The tables of the docs say what the code says: node types, settings, limits, operators, paths, scenario words, errors."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin
from unittest.mock import MagicMock

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

import api.http.error
import engine.core.limit
import schemas.error
from api.http.error import status_of
from api.http.profile import NATIVE
from api.route.live import LiveRoutes
from api.route.people import people_routes
from api.route.setup import setup_routes
from api.route.sign_in import SignInRoutes
from api.route.simulations import SimulationRoutes
from app.settings import Settings
from channels.webchat.config import WebchatConfig
from channels.whatsapp.config import WhatsAppConfig
from crm.ai import AiSettings
from crm.settings import WorkspaceSettings
from engine.core.check import NOTHING_KNOWN, check
from engine.core.filter import read_filter
from engine.core.node import NodeType
from engine.core.operator import OPERATORS
from engine.core.path import FIXED
from engine.runtime.feed import Hub
from nodes import NODE_TYPES, node_types
from schemas.flow import FlowDocument
from schemas.flow import Settings as FlowSettings
from schemas.problem import has_errors
from schemas.public_id import PREFIXES
from simulator.scenario import Expected, Person, Scenario, Step

DOCS = Path(__file__).parents[2] / "docs"
GOLDENS = Path(__file__).parents[1] / "nodes" / "goldens"
NAMED_ROUTE = re.compile(r"(GET|POST|PUT|PATCH|DELETE) (/v1/[^\s`,]+)")
JSON_BLOCK = re.compile(r"```json\n(.*?)```", re.DOTALL)


def page(name: str) -> str:
    return (DOCS / f"{name}.md").read_text()


def section(text: str, heading: str) -> str:
    """What stands under a heading, up to the next one of its level or above."""
    level = len(heading) - len(heading.lstrip("#"))
    (after,) = text.split(f"\n{heading}\n")[1:]
    return re.split(rf"^#{{1,{level}}} ", after, maxsplit=1, flags=re.MULTILINE)[0]


def one_line(text: str) -> str:
    """The text without regard to where its lines break."""
    return " ".join(text.split())


def first_column(text: str) -> list[str]:
    """The words in backticks in the first column of the tables."""
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| ") and not line.startswith("|--")]
    return [word for row in rows for word in re.findall(r"`([^`]+)`", row)]


def texts() -> list[str]:
    """All pages."""
    return [each.read_text() for folder in (DOCS, DOCS.parent) for each in sorted(folder.glob("*.md"))]


# --- rows that are made from models ----------------------------------------------------------------------------------------
def rows(model: type[BaseModel]) -> list[str]:
    """A table row for each field: its name, what it is, and its default. What a kind is, stands above its table."""
    return [row(field.alias or name, field) for name, field in model.model_fields.items() if name != "kind" or choices(field)]


def row(name: str, field: FieldInfo) -> str:
    listed = choices(field)
    which = f"One of {', '.join(f'`{each}`' for each in listed)}." if listed else ""
    return f"| `{name}` | {' '.join(part for part in (described(field), which) if part)} | {default(field)} |"


def described(field: FieldInfo) -> str:
    """The field's description, that of its type, or its title."""
    inner = [each.description for arg in get_args(field.annotation) for each in get_args(arg) if isinstance(each, FieldInfo)]
    return field.description or next((each for each in inner if each), None) or f"{field.title or ''}."


def choices(field: FieldInfo) -> list[str]:
    """The words of which a field is one; none where it takes anything, or always the same."""
    several = [get_args(each) for each in (field.annotation, *get_args(field.annotation)) if get_origin(each) is Literal]
    return next((list(each) for each in several if len(each) > 1), [])


def default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if isinstance(value, BaseModel | Path) or value in (None, "", (), {}) or hasattr(value, "get_secret_value"):
        return f"`{value}`" if isinstance(value, Path) else ""
    return f"`{json.dumps(value, ensure_ascii=False)}`"


def parts(model: type[BaseModel], path: str = "") -> Iterator[tuple[str, type[BaseModel]]]:
    """Each model inside a config with its path; rules have a page of their own."""
    for name, field in model.model_fields.items():
        at = f"{path}.{field.alias or name}".lstrip(".")
        for inner in models_in(field.annotation):
            listed = "[]" if "tuple" in str(field.annotation) else ""
            yield at + listed, inner
            yield from parts(inner, at + listed)


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if annotation.__module__ != "schemas.rule":
            yield annotation
        return
    for inner in get_args(annotation):
        yield from models_in(inner)


def tables(model: type[BaseModel]) -> Iterator[str]:
    """A config's tables: its own, and one for each model inside, under a line that says where it stands."""
    head = "| key | what | default |\n|---|---|---|"
    yield "\n".join((head, *rows(model)))
    places: dict[type[BaseModel], list[str]] = {}
    for at, inner in parts(model):
        if at not in places.setdefault(inner, []):
            places[inner].append(at)
    for inner, paths in places.items():
        kind = inner.model_fields.get("kind")
        values = get_args(kind.annotation) if kind is not None else ()
        which = f" with kind `{values[0]}`" if len(values) == 1 else ""
        said = (inner.__doc__ or "").split("\n\n")[0].replace("\n", " ").strip()
        yield f"{', '.join(f'`{each}`' for each in paths)}{which}: {said}"
        if rows(inner):
            yield "\n".join((head, *rows(inner)))


# --- flow-document.md --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("node_type", NODE_TYPES, ids=lambda each: each.name)
def test_each_node_type_is_described_as_it_is(node_type: NodeType[Any]) -> None:
    text = section(page("flow-document"), f"### `{node_type.name}`")
    assert json.loads(JSON_BLOCK.findall(text)[0]) == node_type.example
    assert [table for table in tables(node_type.Config) if one_line(table) not in one_line(text)] == []


@pytest.mark.parametrize("node_type", NODE_TYPES, ids=lambda each: each.name)
def test_each_port_of_a_node_type_is_described(node_type: NodeType[Any]) -> None:
    text = section(page("flow-document"), f"### `{node_type.name}`").split("| key |")[0]
    configs = [node_type.example, *(case["config"] for case in json.loads((GOLDENS / f"{node_type.name}.json").read_text()))]
    real = {port for config in configs for port in fixed_ports(node_type, config)}
    assert set(first_column(text)) == real


def fixed_ports(node_type: NodeType[Any], config: Any) -> Iterator[str]:
    """The ports whose names the type gives, not the author's items."""
    items = set(ids_in(config))
    for port in node_type.ports(node_type.Config.model_validate(config)):
        if port.id not in items:
            yield port.id


def ids_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("id"), str):
            yield value["id"]
        value = list(value.values())
    for inner in value if isinstance(value, list | tuple) else ():
        yield from ids_in(inner)


def test_no_other_node_type_is_described() -> None:
    assert re.findall(r"^### `(.+)`$", page("flow-document"), re.MULTILINE) == list(node_types())


def test_the_examples_of_flows_can_be_published() -> None:
    pages = ("flow-document", "languages", "simulator")
    found = [json.loads(block) for name in pages for block in JSON_BLOCK.findall(page(name))]
    flows = [each for each in found if isinstance(each, dict) and "nodes" in each]
    assert flows
    for each in flows:
        assert not has_errors(check(each, node_types(), NOTHING_KNOWN).problems)


def test_the_keys_and_settings_of_a_flow_are_described() -> None:
    text = page("flow-document")
    keys = {field.alias or name for name, field in FlowDocument.model_fields.items()}
    assert set(first_column(section(text, "## The document"))) == keys
    assert [each for each in rows(FlowSettings) if each not in section(text, "## Settings")] == []


# --- settings ----------------------------------------------------------------------------------------------------------------
def test_every_setting_is_described() -> None:
    expected = [row(f"POSTDOG_{name.upper()}", field) for name, field in Settings.model_fields.items()]
    assert table_rows(section(page("settings"), "## Settings of the server")) == expected


def test_every_setting_of_a_workspace_is_described() -> None:
    assert table_rows(section(page("settings"), "## Settings of the workspace")) == rows(WorkspaceSettings)


def test_every_setting_of_the_ai_provider_is_described() -> None:
    assert table_rows(section(page("ai"), "## Set it up")) == rows(AiSettings)


@pytest.mark.parametrize(("name", "config"), [("webchat", WebchatConfig), ("whatsapp", WhatsAppConfig)])
def test_every_setting_of_a_channel_is_described(name: str, config: type[BaseModel]) -> None:
    assert table_rows(section(page(name), "## Settings")) == rows(config)


def table_rows(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("| `")]


def test_no_page_names_a_setting_that_does_not_exist() -> None:
    known = {f"POSTDOG_{name.upper()}" for name in Settings.model_fields} | {"POSTDOG_URL", "POSTDOG_API_KEY"}
    assert {name for text in texts() for name in re.findall(r"POSTDOG_[A-Z_]+[A-Z]", text)} <= known


# --- the other tables --------------------------------------------------------------------------------------------------------
def test_the_engines_limits_are_those_of_the_code() -> None:
    real = {name: shown(value) for name, value in vars(engine.core.limit).items() if name.isupper()}
    cells = [line.split("|")[1:3] for line in table_rows(section(page("engine"), "## Limits"))]
    assert {name.strip(" `"): value.strip() for name, value in cells} == real


def shown(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value.days} days"


def test_every_operator_is_described() -> None:
    assert sorted(operator_words(page("rules"))) == sorted(OPERATORS)


def operator_words(text: str) -> list[str]:
    cells = [line.split("|")[2] for line in section(text, "## Operators").splitlines() if line.startswith("| ")]
    return [word for cell in cells for word in re.findall(r"`([^`]+)`", cell)]


def test_every_path_is_described() -> None:
    assert set(FIXED) <= set(re.findall(r"`([a-z_.]+)`", section(page("texts"), "## Paths")))


def test_every_filter_that_is_described_exists() -> None:
    named = first_column(section(page("texts"), "## Filters"))
    assert len(named) >= 8
    assert [name for name in named if read_filter(name) is None] == []


@pytest.mark.parametrize(
    ("heading", "model"),
    [("## Scenario", Scenario), ("## Steps", Step), ("## Expected messages", Expected), ("## The contact", Person)],
)
def test_every_word_of_a_scenario_is_described(heading: str, model: type[BaseModel]) -> None:
    text = section(page("simulator"), heading)
    assert set(first_column(text)) == set(model.model_fields)
    assert {each for field in model.model_fields.values() for each in choices(field)} <= set(re.findall(r"`([^`]+)`", text))


def test_errors_have_the_statuses_that_are_described() -> None:
    lines = [line.split("|")[1:3] for line in table_rows(section(page("api"), "## Errors"))]
    said = {code.strip(" `"): int(status) for code, status in lines}
    found = [each for module in (api.http.error, schemas.error) for each in vars(module).values() if isinstance(each, type)]
    real = {each.code: status_of(each, NATIVE) for each in found if issubclass(each, schemas.error.PostDogError)}
    assert said == {code: status for code, status in real.items() if code != "error"}


def test_every_prefix_of_ids_is_described() -> None:
    described = first_column(section(page("api"), "## Ids"))
    assert set(described) <= {f"{prefix}_" for prefix in PREFIXES}


def test_every_route_that_is_named_exists() -> None:
    nobody = MagicMock()  # listing routes calls no service
    more = (*SignInRoutes(nobody).routes, *LiveRoutes(nobody, Hub()).routes, *SimulationRoutes(nobody).routes)
    listed = (*setup_routes(nobody), *people_routes(nobody), *more)
    real = {(route.method, shape(profile.mount + route.plain_path)) for route in listed for profile in route.profiles}
    named = {(method, shape(path)) for text in texts() for method, path in NAMED_ROUTE.findall(text)}
    assert len(named) > 10
    assert named - real == set()


def shape(path: str) -> str:
    """A path without the names of its parts, and without an example's id or query."""
    parts = path.split("?")[0].split("/")
    return "/".join("{}" if re.fullmatch(r"\{\w+\}|[a-z]+_[0-9A-Za-z]+", part) else part for part in parts)
