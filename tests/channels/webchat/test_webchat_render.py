"""Every kind of content reaches the browser in a form that it can show, and nothing that it must not know."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from channels.conformance import CONTENTS
from channels.webchat.frame import MediaSent
from channels.webchat.kind import CAPABILITIES
from channels.webchat.render import show, take_media
from engine.core.degrade import fit
from schemas.content import Button, Buttons, Choice, Media, Menu, Reaction, Row, Section, TemplateMessage, Text
from schemas.public_id import public_id

FILES = {"med_1": SimpleNamespace(url="/media/med_1/abc", mime="image/png", name="cat.png")}
KNOWN = {"text", "choice", "image", "video", "audio", "document", "location", "buttons", "list", "template", "unsupported"}


@pytest.mark.parametrize("content", [*CONTENTS, Reaction("x", "1"), Choice("a", "A", "wamid.7"), Media("sticker", media="med_1")])
def test_every_kind_is_one_that_the_page_knows(content):
    shown = show(content, FILES)
    assert shown["kind"] in KNOWN
    assert "media" not in shown
    assert "provider_id" not in shown


def test_a_list_and_buttons_keep_what_can_be_chosen():
    menu = Menu("Which?", "Choose", (Section((Row("a", "A", "first"),), "Letters"),), header="H", footer="F")
    assert show(menu, {})["sections"] == ({"rows": ({"id": "a", "title": "A", "description": "first"},), "title": "Letters"},)
    asked = Buttons("Which?", (Button("a", "A"),), header_media=Media("image", media="med_1"))
    shown = show(asked, FILES)
    assert shown["header_media"] == {"kind": "image", "url": "/media/med_1/abc", "mime": "image/png", "name": "cat.png"}
    assert shown["buttons"] == ({"id": "a", "title": "A"},)


def test_a_tap_names_the_message_as_the_page_knows_it():
    assert show(Choice("a", "A", "42"), {})["message"] == public_id("msg", 42)
    for other in ("", "0", "wamid.7", "9" * 40):
        assert show(Choice("a", "A", other), {})["message"] == ""


def test_a_template_that_a_flow_sends_is_shown_as_its_text():
    filled = TemplateMessage("hello", "en", text="Hi Sam")
    assert fit(filled, CAPABILITIES) == Text("Hi Sam")
    assert show(filled, {}) == {"kind": "template", "text": "Hi Sam"}


@pytest.mark.parametrize(
    ("kind", "mime", "taken"),
    [
        ("image", "image/png", "image"),
        ("image", "application/octet-stream", "document"),
        ("image", "video/mp4", "video"),
        ("document", "image/png", "document"),
        ("audio", "text/plain", "document"),
    ],
)
def test_the_type_of_a_file_decides_how_it_is_taken(kind, mime, taken):
    assert take_media(MediaSent(kind=kind, media="r"), "med_1", mime, "a").kind == taken
