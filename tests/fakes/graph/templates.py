"""The management API for templates: list with paging, create, delete."""

import base64
import re
from dataclasses import replace

from aiohttp import web

from tests.fakes.graph import hooks, limits, shape
from tests.fakes.graph.errors import GraphError, JsonObject
from tests.fakes.graph.keys import STATE, unknown_object
from tests.fakes.graph.sending import json_object
from tests.fakes.graph.state import State
from tests.fakes.graph.validate_template import VARIABLE, Template

NAME = re.compile(r"[a-z0-9_]+")
CATEGORIES = ("AUTHENTICATION", "MARKETING", "UTILITY")
OPTIONAL = ("parameter_format", "allow_category_change", "message_send_ttl_seconds")
PAGE = 25


def owned(request: web.Request) -> State:
    state = request.app[STATE]
    if request.match_info["owner"] != state.settings.waba_id:
        raise unknown_object(request.match_info["owner"])
    return state


def cursor(index: int) -> str:
    return base64.urlsafe_b64encode(str(index).encode()).decode()


def position(after: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(after.encode()).decode()) + 1 if after else 0
    except ValueError:
        raise GraphError(100, "Invalid cursor.") from None


async def listing(request: web.Request) -> web.Response:
    """`data` and `paging{cursors{before,after},next?}`; filters `name`, `status`, `language`."""
    state = owned(request)
    found = [
        (index, item)
        for index, item in enumerate(state.templates)
        if request.query.get("name", item.name) == item.name
        and request.query.get("status", item.status) == item.status
        and request.query.get("language", item.language) == item.language
    ]
    raw = request.query.get("limit", str(PAGE))
    limit = int(shape.number(raw, "limit", 1, 1000))
    rest = [entry for entry in found if entry[0] >= position(request.query.get("after", ""))]
    page = rest[:limit]
    paging: JsonObject = {}
    if page:
        paging["cursors"] = {"before": cursor(page[0][0]), "after": cursor(page[-1][0])}
    if len(rest) > limit:
        paging["next"] = str(request.url.update_query(limit=str(limit), after=cursor(page[-1][0])))
    fields = request.query.get("fields")
    names = {*fields.split(","), "id"} if fields else None
    data = [{k: v for k, v in item.as_json().items() if names is None or k in names} for _, item in page]
    return web.json_response({"data": data, "paging": paging})


async def create(request: web.Request) -> web.Response:
    """A new template is PENDING until the control API or Meta's reviewer says otherwise."""
    state = owned(request)
    body = shape.obj(await json_object(request), "template", ["name", "language", "category", "components"], OPTIONAL)
    if not NAME.fullmatch(shape.text(body["name"], "name", limits.TEMPLATE_NAME, code=100)):
        raise GraphError(100, "Template names may have lower case letters, digits and underscores only.")
    shape.one_of(body["category"], "category", CATEGORIES)
    language = shape.text(body["language"], "language", 16)
    check_components(shape.items(body["components"], "components", 1, 10))
    if any((item.name, item.language) == (body["name"], language) for item in state.templates):
        raise GraphError(100, "Content in this language already exists", subcode=2388024)
    identifier = state.new_id("template")
    item = Template(identifier, body["name"], language, body["category"], "PENDING", body["components"])
    state.templates.append(item)
    return web.json_response({"id": item.id, "status": item.status, "category": item.category})


def check_components(components: list[JsonObject]) -> None:
    kinds = [str(shape.mapping(part, "component").get("type")).upper() for part in components]
    if kinds.count("BODY") != 1 or len(set(kinds)) != len(kinds):
        raise GraphError(100, "A template needs exactly one BODY and at most one of each other component.")
    for kind, part in zip(kinds, components, strict=True):
        shape.one_of(kind, "component type", ["HEADER", "BODY", "FOOTER", "BUTTONS"])
        longest = limits.TEMPLATE_BODY if kind == "BODY" else limits.HEADER_TEXT
        if kind != "BUTTONS" and ("text" in part or str(part.get("format", "TEXT")).upper() == "TEXT"):
            text = shape.text(part.get("text"), f"{kind} text", longest, code=100)
            if VARIABLE.search(text) and "example" not in part:
                raise GraphError(
                    100, f"component of type {kind} is missing expected field(s) (example)", subcode=2388043
                )
        for button in shape.items(part.get("buttons", []), "buttons", 0, limits.TEMPLATE_BUTTONS):
            shape.text(
                shape.mapping(button, "button").get("text"), "button text", limits.TEMPLATE_BUTTON_TEXT, code=100
            )


async def delete(request: web.Request) -> web.Response:
    """All languages of a name."""
    state = owned(request)
    name = request.query.get("name", "")
    if all(item.name != name for item in state.templates):
        raise GraphError(100, "Message template not found", subcode=2593002)
    state.templates = [item for item in state.templates if item.name != name]
    return web.json_response({"success": True})


def put(state: State, wanted: JsonObject) -> Template:
    """Sets or changes a template from the control API; unnamed keys keep their values, a new one is APPROVED."""
    match = (wanted["name"], wanted.get("language", "en_US"))
    for index, item in enumerate(state.templates):
        if (item.name, item.language) == match:
            changes = {key: value for key, value in wanted.items() if key in {"status", "category", "components"}}
            state.templates[index] = replace(item, **changes)
            return state.templates[index]
    item = Template(state.new_id("template"), *match, status="APPROVED")
    state.templates.append(item)
    return put(state, {"name": match[0], "language": match[1], **wanted})


def status_hook(state: State, item: Template, reason: str) -> JsonObject:
    """`message_template_status_update`: Meta's webhook reference of that name (2026-04-13)."""
    value = {
        "event": item.status,
        "message_template_id": int(item.id),
        "message_template_name": item.name,
        "message_template_language": item.language,
        "reason": reason,
        "message_template_category": item.category,
    }
    return hooks.envelope(state.settings, [[("message_template_status_update", value)]])
