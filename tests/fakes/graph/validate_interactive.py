"""The kinds of interactive message, each with its header, body, footer and action."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.fakes.graph import limits, shape
from tests.fakes.graph.errors import GraphError, JsonObject

RICH = frozenset({"text", "image", "video", "document"})
TEXT = frozenset({"text"})
NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Rules:
    """What one kind allows around its action."""

    action: Callable[[JsonObject], None]
    headers: frozenset[str] = NONE
    header_required: bool = False
    body_required: bool = True
    footer: bool = True
    body_limit: int = limits.INTERACTIVE_BODY


def check_interactive(value: object) -> None:
    """Raises GraphError unless the value is one of the kinds in KINDS within its limits."""
    if not isinstance(value, dict):
        raise GraphError(100, "Param interactive must be a JSON object.")
    if value.get("type") is None:
        raise GraphError(131008, "Parameter 'type' is mandatory in 'interactive'.")
    rules = KINDS[shape.one_of(value["type"], "interactive['type']", KINDS)]
    allowed = [name for name, on in (("header", rules.headers), ("body", True), ("footer", rules.footer)) if on]
    fields = shape.obj(value, "interactive", ["type", "action"], allowed)
    if "header" in fields:
        check_header(fields["header"], rules.headers)
    elif rules.header_required:
        raise GraphError(131008, "Parameter 'header' is mandatory in 'interactive'.")
    if "body" in fields:
        shape.text(shape.obj(fields["body"], "body", ["text"])["text"], "interactive['body']", rules.body_limit)
    elif rules.body_required:
        raise GraphError(131008, "Parameter 'body' is mandatory in 'interactive'.")
    if "footer" in fields:
        shape.text(shape.obj(fields["footer"], "footer", ["text"])["text"], "interactive['footer']", limits.FOOTER)
    if not isinstance(fields["action"], dict):
        raise GraphError(100, "Param interactive['action'] must be a JSON object.")
    rules.action(fields["action"])


def check_header(value: object, kinds: frozenset[str]) -> None:
    if not isinstance(value, dict):
        raise GraphError(100, "Param interactive['header'] must be a JSON object.")
    kind = shape.one_of(value.get("type"), "interactive['header']['type']", kinds)
    fields = shape.obj(value, "header", ["type", kind])
    if kind == "text":
        shape.text(fields["text"], "interactive['header']['text']", limits.HEADER_TEXT)
        return
    media = shape.obj(fields[kind], f"header['{kind}']", [], ["id", "link", *(["filename"] * (kind == "document"))])
    if ("id" in media) == ("link" in media):
        raise GraphError(131008, f"Param header['{kind}'] needs exactly one of 'id' and 'link'.")
    if "link" in media:
        shape.link(media["link"], f"header['{kind}']['link']")


def buttons(action: JsonObject) -> None:
    fields = shape.obj(action, "action", ["buttons"])
    ids = []
    for button in shape.items(fields["buttons"], "buttons", 1, limits.BUTTONS):
        reply = shape.obj(button, "button", ["type", "reply"])["reply"]
        shape.one_of(button["type"], "button['type']", ["reply"])
        shape.obj(reply, "button['reply']", ["id", "title"])
        shape.text(reply["title"], "button title", limits.BUTTON_TITLE)
        ids.append(shape.identifier(reply["id"], "button id", limits.BUTTON_ID))
    shape.unique(ids, "button id")


def rows(action: JsonObject) -> None:
    fields = shape.obj(action, "action", ["button", "sections"])
    shape.text(fields["button"], "list button", limits.LIST_BUTTON)
    sections = shape.items(fields["sections"], "sections", 1, limits.SECTIONS)
    ids = []
    for section in sections:
        shape.obj(section, "section", ["rows"], ["title"])
        section_title(section, len(sections))
        for row in shape.items(section["rows"], "rows", 1, limits.ROWS):
            shape.obj(row, "row", ["id", "title"], ["description"])
            ids.append(shape.identifier(row["id"], "row id", limits.ROW_ID))
            shape.text(row["title"], "row title", limits.ROW_TITLE)
            if "description" in row:
                shape.text(row["description"], "row description", limits.ROW_DESCRIPTION)
    if len(ids) > limits.ROWS:
        raise GraphError(131009, f"Total row count exceed max allowed count: {limits.ROWS}.")
    shape.unique(ids, "row id")


def section_title(section: JsonObject, count: int) -> None:
    """A title is mandatory when there is more than one section."""
    if "title" in section:
        shape.text(section["title"], "section title", limits.SECTION_TITLE)
    elif count > 1:
        raise GraphError(131008, "Parameter 'title' is mandatory in each of several sections.")


def named(action: JsonObject, name: str) -> JsonObject:
    """The parameters of an action of the shape {name, parameters}."""
    fields = shape.obj(action, "action", ["name", "parameters"])
    shape.one_of(fields["name"], "action['name']", [name])
    if not isinstance(fields["parameters"], dict):
        raise GraphError(100, "Param action['parameters'] must be a JSON object.")
    return fields["parameters"]


def cta_url(action: JsonObject) -> None:
    fields = shape.obj(named(action, "cta_url"), "parameters", ["display_text", "url"])
    shape.text(fields["display_text"], "cta display_text", limits.CTA_LABEL)
    shape.link(fields["url"], "cta url")


FLOW_OPTIONAL = ("flow_id", "flow_name", "flow_token", "flow_action", "flow_action_payload", "mode")


def flow(action: JsonObject) -> None:
    fields = shape.obj(named(action, "flow"), "parameters", ["flow_message_version", "flow_cta"], FLOW_OPTIONAL)
    shape.one_of(fields["flow_message_version"], "flow_message_version", ["3"])
    shape.text(fields["flow_cta"], "flow_cta", limits.FLOW_CTA)
    if ("flow_id" in fields) == ("flow_name" in fields):
        raise GraphError(131008, "Exactly one of 'flow_id' and 'flow_name' is needed.")
    shape.one_of(fields.get("mode", "published"), "mode", ["draft", "published"])
    if shape.one_of(fields.get("flow_action", "navigate"), "flow_action", ["navigate", "data_exchange"]) == "navigate":
        payload = fields.get("flow_action_payload")
        if payload is not None:
            shape.obj(payload, "flow_action_payload", ["screen"], ["data"])
    elif "flow_action_payload" in fields:
        raise GraphError(131009, "flow_action_payload is only allowed with flow_action navigate.")


def product(action: JsonObject) -> None:
    fields = shape.obj(action, "action", ["catalog_id", "product_retailer_id"])
    for key in fields:
        shape.text(fields[key], key, 256)


def product_list(action: JsonObject) -> None:
    fields = shape.obj(action, "action", ["catalog_id", "sections"])
    sections = shape.items(fields["sections"], "sections", 1, limits.SECTIONS)
    total = 0
    for section in sections:
        shape.obj(section, "section", ["product_items"], ["title"])
        section_title(section, len(sections))
        for item in shape.items(section["product_items"], "product_items", 1, limits.PRODUCTS):
            shape.text(shape.obj(item, "item", ["product_retailer_id"])["product_retailer_id"], "retailer id", 256)
            total += 1
    if total > limits.PRODUCTS:
        raise GraphError(131009, f"Total product count exceed max allowed count: {limits.PRODUCTS}.")


def catalog(action: JsonObject) -> None:
    # without parameters: Meta's catalog page, the thumbnail is optional
    fields = shape.obj(action, "action", ["name"], ["parameters"])
    shape.one_of(fields["name"], "action['name']", ["catalog_message"])
    shape.obj(fields.get("parameters", {}), "parameters", [], ["thumbnail_product_retailer_id"])


def order_details(action: JsonObject) -> None:
    required = ["currency", "order", "reference_id", "total_amount", "type"]
    fields = shape.obj(
        named(action, "review_and_pay"), "parameters", required, ["payment_configuration", "payment_type"]
    )
    shape.amount(fields["total_amount"], "total_amount")
    order = shape.obj(fields["order"], "order", ["items", "status", "subtotal", "tax"], ["discount", "shipping"])
    shape.one_of(order["status"], "order['status']", ["pending"])
    shape.amount(order["subtotal"], "subtotal")
    for key in order.keys() & {"tax", "discount", "shipping"}:
        shape.amount(order[key], key, described=True)
    for item in shape.items(order["items"], "items", 1, 999):
        shape.obj(item, "item", ["amount", "name", "quantity"], ["retailer_id", "sale_amount"])
        for key in item.keys() & {"amount", "sale_amount"}:
            shape.amount(item[key], key)


# the states after "processing": Meta's order status page
ORDER_STATES = ("pending", "processing", "partially_shipped", "shipped", "completed", "canceled")


def order_status(action: JsonObject) -> None:
    fields = shape.obj(named(action, "review_order"), "parameters", ["order", "reference_id"])
    order = shape.obj(fields["order"], "order", ["status"], ["description"])
    shape.one_of(order["status"], "order['status']", ORDER_STATES)


def location_request(action: JsonObject) -> None:
    shape.one_of(shape.obj(action, "action", ["name"])["name"], "action['name']", ["send_location"])


KINDS: dict[str, Rules] = {
    "button": Rules(buttons, headers=RICH),
    "list": Rules(rows, headers=TEXT, body_limit=limits.LIST_BODY),
    "cta_url": Rules(cta_url, headers=RICH),  # not in the examples: Meta's "Interactive call-to-action URL button"
    "flow": Rules(flow, headers=RICH),
    "product": Rules(product, body_required=False),
    "product_list": Rules(product_list, headers=TEXT, header_required=True),
    "catalog_message": Rules(catalog),
    "order_details": Rules(order_details, headers=frozenset({"text", "image"})),  # text: Meta's payments page
    "order_status": Rules(order_status),
    # not in the examples: Meta's "Location request messages"
    "location_request_message": Rules(location_request, footer=False),
}
