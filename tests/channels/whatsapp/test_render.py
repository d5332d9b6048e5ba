"""What we send is what Meta's examples show, and what pywa sends for the same message."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import orjson
import pytest
from pywa.client import WhatsApp
from pywa.types import callback as pywa
from pywa.types import templates

from channels.whatsapp.content import READERS
from channels.whatsapp.identity import address
from channels.whatsapp.render import render
from engine.runtime.protocol import Outgoing
from schemas.contact import Identity
from schemas.content import (
    Button,
    Buttons,
    Cards,
    Choice,
    Content,
    Location,
    Media,
    Menu,
    Reaction,
    Row,
    Section,
    TemplateMessage,
    Text,
    Unsupported,
)
from tests.channels.whatsapp.sample import BSUID, EXAMPLES, TO, WA_ID

PICTURE = "https://files.example/a.png"


def ours(content: Content, *, reply_to: str = "", to: tuple[Identity, ...] = TO, uploads: dict[str, str] | None = None) -> Any:
    """What we post, without the message id behind the ids of buttons and rows, which is ours alone."""
    made = render(Outgoing(42, "1:1:0", content, to, reply_to), uploads or {})
    return None if made is None else orjson.loads(orjson.dumps(made).replace(b"~42", b""))


def test_a_tap_tells_which_message_carried_it() -> None:
    made = render(Outgoing(42, "1:1:0", Buttons("Ok?", (Button("y", "Yes"),)), TO), {})
    assert made is not None
    reply = made["interactive"]["action"]["buttons"][0]["reply"]
    tapped = {"type": "interactive", "interactive": {"type": "button_reply", "button_reply": reply}, "context": {"id": "wamid.1"}}
    assert READERS["interactive"](tapped) == Choice("y", "Yes", "42")


def theirs(send: Callable[[WhatsApp], object]) -> Any:
    """The body that pywa posts. It writes a template's parts as HEADER and URL; Meta's examples and we write header, url."""
    bodies: list[Any] = []

    def take(request: httpx.Request) -> httpx.Response:
        bodies.append(json.loads(request.content))
        answer = {"contacts": [{"input": WA_ID, "wa_id": WA_ID, "user_id": BSUID}], "messages": [{"id": "wamid.1"}]}
        return httpx.Response(200, json={"messaging_product": "whatsapp", **answer})

    with httpx.Client(transport=httpx.MockTransport(take)) as session:
        send(WhatsApp("106540352242922", "token", session=session))
    (body,) = bodies
    for part in body.get("template", {}).get("components", []):
        part |= {key: part[key].lower() for key in ("type", "sub_type") if key in part}
    return body


BUTTONS = Buttons("Which?", (Button("a", "Apple"), Button("b", "Pear")), footer="Fresh")
THEIR_BUTTONS = [pywa.Button("Apple", "a"), pywa.Button("Pear", "b")]
MENU = Menu(
    "Which?",
    "Choose",
    (Section((Row("a", "Apple", "Red"), Row("b", "Pear")), "Fruit"), Section((Row("c", "Leek"),), "Greens")),
    header="Shop",
    footer="Fresh",
)
THEIR_MENU = pywa.SectionList(
    "Choose",
    [
        pywa.Section("Fruit", [pywa.SectionRow("Apple", "a", "Red"), pywa.SectionRow("Pear", "b")]),
        pywa.Section("Greens", [pywa.SectionRow("Leek", "c")]),
    ],
)
HEADER_TEXT: Any = templates.HeaderText.params  # takes its values also on the class
BODY_TEXT: Any = templates.BodyText.params
ENGLISH = templates.TemplateLanguage.ENGLISH_US
SAME: dict[str, tuple[Content, dict[str, str], Callable[[WhatsApp], object]]] = {
    "text": (Text("Hi"), {}, lambda wa: wa.send_message(WA_ID, "Hi", tracker="42")),
    "text with a link": (
        Text("See https://a.example"),
        {},
        lambda wa: wa.send_message(WA_ID, "See https://a.example", preview_url=True, tracker="42"),
    ),
    "image by link": (
        Media("image", url=PICTURE, caption="A"),
        {},
        lambda wa: wa.send_image(WA_ID, PICTURE, caption="A", tracker="42"),
    ),
    "image by id": (
        Media("image", media="med_1", caption="A"),
        {"med_1": "1003383421387256"},
        lambda wa: wa.send_image(WA_ID, "1003383421387256", caption="A", tracker="42"),
    ),
    "video": (
        Media("video", media="med_1"),
        {"med_1": "1003383421387256"},
        lambda wa: wa.send_video(WA_ID, "1003383421387256", tracker="42"),
    ),
    "document": (
        Media("document", media="med_1", caption="A", filename="a.pdf"),
        {"med_1": "1003383421387256"},
        lambda wa: wa.send_document(WA_ID, "1003383421387256", caption="A", filename="a.pdf", tracker="42"),
    ),
    "audio": (
        Media("audio", media="med_1", caption="not shown"),
        {"med_1": "1003383421387256"},
        lambda wa: wa.send_audio(WA_ID, "1003383421387256", tracker="42"),
    ),
    "voice": (
        Media("audio", media="med_1", voice=True),
        {"med_1": "1003383421387256"},
        lambda wa: wa.send_voice(WA_ID, "1003383421387256", tracker="42"),
    ),
    "sticker": (
        Media("sticker", media="med_1"),
        {"med_1": "1003383421387256"},
        lambda wa: wa.send_sticker(WA_ID, "1003383421387256", tracker="42"),
    ),
    "buttons": (BUTTONS, {}, lambda wa: wa.send_message(WA_ID, "Which?", footer="Fresh", buttons=THEIR_BUTTONS, tracker="42")),
    "buttons with a header": (
        Buttons(BUTTONS.text, BUTTONS.buttons, header="Shop"),
        {},
        lambda wa: wa.send_message(WA_ID, "Which?", header="Shop", buttons=THEIR_BUTTONS, tracker="42"),
    ),
    "buttons under a picture": (
        Buttons(BUTTONS.text, BUTTONS.buttons, header_media=Media("image", media="med_1"), footer="Fresh"),
        {"med_1": "1003383421387256"},
        lambda wa: wa.send_image(
            WA_ID, "1003383421387256", caption="Which?", footer="Fresh", buttons=THEIR_BUTTONS, tracker="42"
        ),
    ),
    "list": (
        MENU,
        {},
        lambda wa: wa.send_message(WA_ID, "Which?", header="Shop", footer="Fresh", buttons=THEIR_MENU, tracker="42"),
    ),
    "location": (
        Location(37.758056, -122.425332, "META HQ", "1 Hacker Way"),
        {},
        lambda wa: wa.send_location(WA_ID, 37.758056, -122.425332, "META HQ", "1 Hacker Way", tracker="42"),
    ),
    "reaction": (Reaction("👍", "wamid.7"), {}, lambda wa: wa.send_reaction(WA_ID, "👍", "wamid.7", tracker="42")),
    "reaction taken away": (Reaction("", "wamid.7"), {}, lambda wa: wa.remove_reaction(WA_ID, "wamid.7", tracker="42")),
    "template": (
        TemplateMessage("hello_world", "en_US"),
        {},
        lambda wa: wa.send_template(WA_ID, "hello_world", ENGLISH, tracker="42"),
    ),
    "template with values": (
        TemplateMessage("offer", "en_US", body=("Ann", "7"), header=("Sale",), buttons={"0": "7", "1:quick_reply": "yes"}),
        {},
        lambda wa: wa.send_template(
            WA_ID,
            "offer",
            ENGLISH,
            [
                HEADER_TEXT("Sale"),
                BODY_TEXT("Ann", "7"),
                templates.URLButton.params(url_variable="7", index=0),
                templates.QuickReplyButton.params(callback_data="yes", index=1),
            ],
            tracker="42",
        ),
    ),
    "template with names": (
        TemplateMessage("offer", "en_US", named={"name": "Ann"}, buttons={"0:copy_code": "25OFF"}),
        {},
        lambda wa: wa.send_template(
            WA_ID,
            "offer",
            ENGLISH,
            [BODY_TEXT(name="Ann"), templates.CopyCodeButton.params(coupon_code="25OFF", index=0)],
            tracker="42",
        ),
    ),
    "template under a document": (
        TemplateMessage("bill", "en_US", header_media=Media("document", media="med_1", filename="a.pdf"), body=("Ann",)),
        {"med_1": "1003383421387256"},
        lambda wa: wa.send_template(
            WA_ID,
            "bill",
            ENGLISH,
            [
                templates.HeaderDocument.params(document="1003383421387256", filename="a.pdf"),
                BODY_TEXT("Ann"),
            ],
            tracker="42",
        ),
    ),
}


@pytest.mark.parametrize("name", SAME)
def test_as_pywa(name: str) -> None:
    content, uploads, send = SAME[name]
    assert ours(content, uploads=uploads) == theirs(send)


def test_a_reply_as_pywa() -> None:
    wanted = theirs(lambda wa: wa.send_message(WA_ID, "Hi", reply_to_message_id="wamid.7", tracker="42"))
    assert ours(Text("Hi"), reply_to="wamid.7") == wanted


def test_a_user_without_a_phone_as_pywa() -> None:
    wanted = theirs(lambda wa: wa.send_message(BSUID, "Hi", tracker="42"))
    assert ours(Text("Hi"), to=(Identity("bsuid", BSUID),)) == wanted


# --- Meta's examples ---------------------------------------------------------------------------------------------------------
def rows(section: int) -> tuple[Row, ...]:
    stem = f"SECTION_{section}_ROW"
    return tuple(Row(f"<LIST_{stem}_{n}_ID>", f"<{stem}_{n}_TITLE>", f"<{stem}_{n}_DESC>") for n in (1, 2))


EXAMPLE_LIST = Menu(
    "<BODY_TEXT>",
    "<BUTTON_TEXT>",
    tuple(Section(rows(n), f"<LIST_SECTION_{n}_TITLE>") for n in (1, 2)),
    header="<HEADER_TEXT>",
    footer="<FOOTER_TEXT>",
)


def from_example(example: dict[str, Any]) -> Content | None:
    """Our content for the same message; None for kinds that we don't send."""
    kind = example.get("type", "interactive" if "interactive" in example else "text")
    if kind == "text":
        return Text(example["text"]["body"])
    if kind in ("image", "video", "audio", "document", "sticker"):
        part = example[kind]
        return Media(
            kind,
            url=part.get("link", ""),
            provider_id=part.get("id", ""),
            caption=part.get("caption", ""),
            filename=part.get("filename", ""),
        )
    if kind == "location":
        return Location(**example["location"])
    if kind == "reaction":
        return Reaction(example["reaction"]["emoji"], example["reaction"]["message_id"])
    if kind == "contacts":
        return Cards(tuple(example["contacts"]))
    if kind == "template" and "components" not in example["template"]:
        return TemplateMessage(example["template"]["name"], example["template"]["language"]["code"])
    if kind == "interactive" and example["interactive"]["type"] == "list":
        return EXAMPLE_LIST
    if kind == "interactive" and example["interactive"]["type"] == "button":
        taps = (Button("<UNIQUE_BUTTON_ID_1>", "<BUTTON_TITLE_1>"), Button("<UNIQUE_BUTTON_ID_2>", "<BUTTON_TITLE_2>"))
        return Buttons("<BUTTON_TEXT>", taps)
    return None


RENDERED = {
    name: content
    for name, example in EXAMPLES["msgs"].items()
    if "status" not in example and (content := from_example(example)) is not None
}


def test_most_examples_are_of_kinds_that_we_send() -> None:
    assert len(RENDERED) == 32


@pytest.mark.parametrize("name", RENDERED)
def test_as_metas_example(name: str) -> None:
    example = dict(EXAMPLES["msgs"][name])
    made = ours(RENDERED[name], reply_to=example.get("context", {}).get("message_id", ""))
    assert made.pop("biz_opaque_callback_data") == "42"
    for optional in ("recipient_type", "type"):  # some examples leave them out; we never do
        example.setdefault(optional, made[optional])
    assert made == {**example, "to": WA_ID}


# --- rules -------------------------------------------------------------------------------------------------------------------
def test_what_only_comes_in_is_not_sent() -> None:
    assert ours(Choice("a", "A")) is None
    assert ours(Unsupported("order", {})) is None


def test_nobody_to_send_to() -> None:
    assert ours(Text("Hi"), to=(Identity("email", "a@example.com"),)) is None


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        (["phone", "bsuid", "whatsapp"], {"to": "16505551234"}),
        (["phone", "bsuid"], {"recipient": BSUID}),
        (["phone"], {"to": "4915112345678"}),
    ],
)
def test_the_best_address_is_taken(kinds: list[str], expected: dict[str, str]) -> None:
    values = {"phone": "+4915112345678", "bsuid": BSUID, "whatsapp": WA_ID}
    assert address([Identity(kind, values[kind]) for kind in kinds]) == expected


def test_one_section_needs_no_title() -> None:
    made = ours(Menu("Which?", "Choose", (Section((Row("a", "A"),)),)))
    assert made["interactive"]["action"]["sections"] == [{"rows": [{"id": "a", "title": "A"}]}]
