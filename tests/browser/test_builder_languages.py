"""A flow in two languages, from the builder to a German visitor of the web chat."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polib
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.studio import Office, Studio, open_office, sign_in

ANSWER_MS = 20_000
TEA: dict[str, Any] = {
    "schema": 1,
    "name": "Tea",
    "nodes": [
        {"id": "start", "type": "trigger", "label": "Tea?", "config": {"on": {"kind": "keyword", "words": ["tea", "tee"]}}},
        {
            "id": "ask",
            "type": "send_message",
            "label": "Which tea",
            "config": {
                "text": "Which tea would you like?",
                "buttons": [{"id": "g", "title": "Green"}, {"id": "b", "title": "Black"}],
            },
        },
        {"id": "bye", "type": "send_message", "label": "Coming", "config": {"text": "It is on its way."}},
    ],
    "edges": [
        {"from": "start", "port": "next", "to": "ask"},
        {"from": "ask", "port": "g", "to": "bye"},
        {"from": "ask", "port": "b", "to": "bye"},
    ],
    "layout": {"start": {"x": 0, "y": 0}, "ask": {"x": 340, "y": 0}, "bye": {"x": 680, "y": 0}},
}
ASK, GREEN, BYE = "/nodes/ask/config/text", "/nodes/ask/config/buttons/g/title", "/nodes/bye/config/text"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with open_office(tmp_path_factory.mktemp("languages")) as opened:
        yield opened


@pytest.fixture
def page_options() -> dict[str, Any]:
    return {"viewport": {"width": 1440, "height": 900}}


def choose(page: Page, label: str, option: str) -> None:
    box = page.get_by_role("combobox", name=label).or_(page.get_by_role("textbox", name=label)).first
    box.click()
    page.get_by_role("option", name=option).first.click()


def text_in(page: Page, place: str) -> Any:
    return page.locator(f'[data-place="{place}"] textarea:not([aria-hidden])')


def test_a_flow_is_translated_and_heard_in_german(page: Page, office: Office, browser: Browser, tmp_path: Path) -> None:
    sign_in(page, office)
    studio = Studio(page, office, office.flow("Tea", TEA))
    page.get_by_role("button", name="Add a language").click()
    dialog = page.get_by_role("dialog", name="Languages")
    choose(page, "The texts are written in", "English (en)")
    choose(page, "Add a language", "German (de)")
    expect(dialog).to_contain_text("0 of 4 translated")
    text_in(page, ASK).fill("Welchen Tee möchten Sie?")
    text_in(page, GREEN).fill("Grün {{nobody}}")
    text_in(page, "/nodes/ask/config/buttons/b/title").fill("Schwarz")
    expect(dialog).to_contain_text("3 of 4 translated")
    expect(page.locator(f'[data-place="{GREEN}"]')).to_contain_text("Nothing is known as “nobody”")
    text_in(page, GREEN).fill("Grün")
    dialog.get_by_text("Missing 1").click()
    expect(dialog.locator("[data-place]")).to_have_count(1)
    page.screenshot(path=str(tmp_path / "table.png"))
    page.keyboard.press("Escape")

    choose(page, "Language that is shown", "German")
    expect(studio.card("Which tea")).to_contain_text("Welchen Tee möchten Sie?")
    studio.select("Coming")
    expect(studio.panel).to_contain_text("It is on its way.")
    expect(studio.panel).to_contain_text("Missing")
    text_in(page, BYE).fill("Er ist unterwegs.")
    expect(studio.panel.get_by_label("Preview")).to_contain_text("Er ist unterwegs.")
    page.screenshot(path=str(tmp_path / "panel.png"))
    translations = studio.saved()["translations"]["de"]
    assert translations[BYE] == {"text": "Er ist unterwegs.", "source": "It is on its way."}
    assert translations[GREEN]["text"] == "Grün"

    # The test panel speaks with somebody German; then the flow goes live, and so does a real visitor.
    page.get_by_role("button", name="Test", exact=True).click()
    choose(page, "Their language", "German")
    box = page.get_by_role("textbox", name="Write as the contact")
    box.fill("tee")
    box.press("Enter")
    expect(studio.panel.get_by_text("Welchen Tee möchten Sie?").last).to_be_visible(timeout=ANSWER_MS)
    office.ask("POST", f"/v1/flows/{studio.flow}/publish", {})
    for locale, question, answer, told in (
        ("de-DE", "Welchen Tee möchten Sie?", "Grün", "Er ist unterwegs."),
        ("en-GB", "Which tea would you like?", "Green", "It is on its way."),
    ):
        context = browser.new_context(locale=locale)
        visitor = context.new_page()
        visitor.goto(office.chat)
        visitor.get_by_role("textbox").fill("tea")  # the chat's own words are German too
        visitor.get_by_role("textbox").press("Enter")
        expect(visitor.get_by_text(question).last).to_be_visible(timeout=ANSWER_MS)
        visitor.get_by_role("button", name=answer).last.click()
        expect(visitor.get_by_text(told).last).to_be_visible(timeout=ANSWER_MS)
        context.close()


def test_stale_texts_files_and_undo(page: Page, office: Office, tmp_path: Path) -> None:
    put = {ASK: {"text": "Welchen Tee?", "source": "Which tea?"}, BYE: {"text": "Er kommt.", "source": "It is on its way."}}
    sign_in(page, office)
    studio = Studio(page, office, office.flow("Tea too", {**TEA, "language": "en", "translations": {"de": put}}))
    choose(page, "Language that is shown", "German")
    studio.select("Which tea")
    field = page.locator(f'[data-place="{ASK}"]')
    expect(field).to_contain_text("Text has changed")
    expect(field).to_contain_text("It was translated from “Which tea?”")
    page.screenshot(path=str(tmp_path / "stale.png"))
    field.get_by_role("button", name="Still right").click()
    expect(field).not_to_contain_text("Text has changed")
    assert studio.saved()["translations"]["de"][ASK]["source"] == "Which tea would you like?"

    page.keyboard.press("Escape")
    choose(page, "Language that is shown", "All texts")
    dialog = page.get_by_role("dialog", name="Languages")
    with page.expect_download() as downloading:
        dialog.get_by_role("button", name="Export").click()
        page.get_by_role("menuitem", name="gettext PO").click()
    path = tmp_path / "tea.de.po"
    downloading.value.save_as(path)
    file = polib.pofile(str(path))
    for entry in file:
        if entry.msgctxt == GREEN:
            entry.msgstr = "Grün"
        if entry.msgctxt == BYE:
            entry.msgstr = "Ist unterwegs."
    file.save()
    dialog.locator("input[type=file]").set_input_files(path)
    expect(dialog.get_by_role("status")).to_contain_text("2 taken, 1 unchanged, 1 without a translation")
    expect(text_in(page, BYE)).to_have_value("Ist unterwegs.")
    page.screenshot(path=str(tmp_path / "imported.png"))
    page.keyboard.press("Escape")

    # One step back takes the file's work out again; a deleted step's translations come back with it.
    page.get_by_role("button", name="Undo").click()
    assert studio.saved()["translations"]["de"].get(GREEN) is None
    studio.card("Coming").click(position={"x": 60, "y": 20})
    page.keyboard.press("Escape")
    studio.card("Coming").click(position={"x": 60, "y": 20})
    page.get_by_role("button", name="More for this step").click()
    page.get_by_role("menuitem", name="Delete").click()
    assert BYE not in studio.saved()["translations"]["de"]
    page.get_by_role("button", name="Undo").click()
    assert studio.saved()["translations"]["de"][BYE]["text"] == "Er kommt."
