"""Template messages: their shape, and whether they fit the template that was approved."""

import re
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.graph import limits, shape
from tests.fakes.graph.errors import GraphError, JsonObject

VARIABLE = re.compile(r"\{\{\s*([a-z0-9_]+)\s*\}\}")
MEDIA = ("image", "video", "document")
BUTTON_KINDS = {"quick_reply", "url", "flow", "catalog", "copy_code"}  # url, copy_code: Meta's template button page


@dataclass(frozen=True, slots=True)
class Template:
    """A template as the account holds it; `components` in the shape of Meta's management API."""

    id: str
    name: str
    language: str
    category: str = "UTILITY"
    status: str = "PENDING"
    components: list[JsonObject] = field(default_factory=list)

    def component(self, kind: str) -> JsonObject:
        return next((part for part in self.components if str(part.get("type")).upper() == kind), {})

    def as_json(self) -> JsonObject:
        names = ("id", "name", "language", "category", "status", "components")
        return {name: getattr(self, name) for name in names}


def check_template(value: object) -> None:
    """Raises GraphError unless the value has the shape of a template message."""
    fields = shape.obj(value, "template", ["name", "language"], ["components"])
    if not re.fullmatch(r"[A-Za-z0-9_<>\-]+", shape.text(fields["name"], "template['name']", limits.TEMPLATE_NAME)):
        raise GraphError(131009, "Param template['name'] is not a valid template name.")
    language = shape.obj(fields["language"], "template['language']", ["code"], ["policy"])
    shape.text(language["code"], "language['code']", 32)
    shape.one_of(language.get("policy", "deterministic"), "language['policy']", ["deterministic"])
    for part in shape.items(fields.get("components", []), "components", 0, 20):
        check_component(part)


def check_component(part: object) -> None:
    if not isinstance(part, dict):
        raise GraphError(100, "Param components must hold JSON objects.")
    kind = shape.one_of(str(part.get("type")).lower(), "component['type']", ["header", "body", "button"])
    required = ["type", "sub_type", "index", "parameters"] if kind == "button" else ["type", "parameters"]
    shape.obj(part, "component", required)
    if kind == "button":
        shape.one_of(str(part["sub_type"]).lower(), "component['sub_type']", BUTTON_KINDS)
        shape.number(part["index"], "component['index']", 0, limits.TEMPLATE_BUTTONS - 1)
    for parameter in shape.items(part["parameters"], "parameters", 0, 100):
        check_parameter(parameter, kind)


def check_parameter(parameter: Any, kind: str) -> None:
    """One parameter; `parameter_name` (named parameters) and `coupon_code` are from Meta's template pages."""
    if not isinstance(parameter, dict):
        raise GraphError(100, "Param parameters must hold JSON objects.")
    allowed = {"button": ["text", "payload", "action", "coupon_code"], "body": ["text", "currency", "date_time"]}
    kinds = allowed.get(kind, ["text", "currency", "date_time", "location", *MEDIA])
    of = shape.one_of(parameter.get("type"), "parameter['type']", kinds)
    shape.obj(parameter, "parameter", ["type", of], ["parameter_name"] if of == "text" and kind != "button" else [])
    value = parameter[of]
    if of == "text" and kind != "button":
        shape.text(value, "parameter['text']", limits.HEADER_TEXT if kind == "header" else 32768)
    elif of == "text":
        # the example "Send Sample Issue Resolution Template" sends booleans in quick replies
        shape.text(str(value) if isinstance(value, bool) else value, "parameter['text']", 2000)
    elif of == "currency":
        shape.obj(value, "currency", ["amount_1000", "code", "fallback_value"])
    elif of == "date_time":
        parts = ["calendar", "day_of_month", "day_of_week", "hour", "minute", "month", "year"]
        shape.obj(value, "date_time", ["fallback_value"], parts)
    elif of in MEDIA:
        media = shape.obj(value, of, [], ["id", "link", *(["filename"] * (of == "document"))])
        if ("id" in media) == ("link" in media):
            raise GraphError(131008, f"Param {of} needs exactly one of 'id' and 'link'.")
    elif of == "location":
        shape.obj(value, "location", ["latitude", "longitude"], ["name", "address"])
    elif of == "action":
        shape.obj(value, "action", [], ["thumbnail_product_retailer_id", "flow_token", "flow_action_data"])


def check_fits(message: JsonObject, template: Template | None) -> None:
    """Raises 132001 unknown, 132015 paused, 132016 disabled, 132000 count, 132012 format, 132005 too long."""
    name = message["name"]
    if template is None or template.status not in {"APPROVED", "PAUSED", "DISABLED"}:
        raise GraphError(132001, f"template name ({name}) does not exist in {message['language']['code']}")
    if template.status != "APPROVED":
        raise GraphError(132015 if template.status == "PAUSED" else 132016)
    given = {str(part["type"]).lower(): part for part in message.get("components", [])}
    for kind in ("HEADER", "BODY"):
        check_parameters(kind, given.get(kind.lower(), {}).get("parameters", []), template.component(kind))
    check_buttons(message, template)


def check_parameters(kind: str, parameters: list[JsonObject], component: JsonObject) -> None:
    style = str(component.get("format", "TEXT")).lower() if component else "text"
    if style != "text":
        if [parameter["type"] for parameter in parameters] != [style]:
            raise GraphError(132012, f"{kind.lower()}: Format mismatch, expected {style.upper()}")
        return
    if any(parameter["type"] in {*MEDIA, "location"} for parameter in parameters):
        raise GraphError(132012, f"{kind.lower()}: Format mismatch, expected TEXT")
    text = str(component.get("text", ""))
    names = list(dict.fromkeys(VARIABLE.findall(text)))
    if len(names) != len(parameters):
        count = f"number of localizable_params ({len(parameters)}) does not match the expected number ({len(names)})"
        raise GraphError(132000, f"{kind.lower()}: {count}")
    labels = [parameter.get("parameter_name") for parameter in parameters]
    if any(not name.isdigit() for name in names) and sorted(map(str, labels)) != sorted(names):
        raise GraphError(100, f"{kind.lower()}: Parameter name is missing or empty")
    length = len(VARIABLE.sub("", text)) + sum(len(str(parameter.get("text", ""))) for parameter in parameters)
    if kind == "BODY" and length > limits.TEMPLATE_BODY:
        raise GraphError(132005, f"body: translated text is too long, at most {limits.TEMPLATE_BODY} characters")


def check_buttons(message: JsonObject, template: Template) -> None:
    """Every button sent exists with that kind, and every address with a variable gets its parameter."""
    buttons = template.component("BUTTONS").get("buttons", [])
    sent = {int(part["index"]): part for part in message.get("components", []) if part["type"].lower() == "button"}
    for index, part in sent.items():
        kind = str(part["sub_type"]).lower()
        if index >= len(buttons) or str(buttons[index].get("type")).lower() != kind:
            raise GraphError(132012, f"button: no button of type {kind} at index {index}")
    for index, button in enumerate(buttons):
        if VARIABLE.search(str(button.get("url", ""))) and not sent.get(index, {}).get("parameters"):
            raise GraphError(131008, f"buttons: Button at index {index} of type Url requires a parameter")
