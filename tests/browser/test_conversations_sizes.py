"""The conversations on a tablet and on a phone: the list, what was said, and what is known of the contact, each within reach."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.studio import Office, open_office, sign_in

TABLET = {"width": 1024, "height": 768}
PHONE = {"width": 390, "height": 844}
WHO_ANSWERS_MS = 20_000


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Office]:
    """With one conversation, longer than a phone's screen."""
    with open_office(tmp_path_factory.mktemp("sizes")) as opened:
        visitor = browser.new_page()
        visitor.goto(opened.chat)
        for text in ("menu", "Opening hours", "menu", "Where we are"):
            visitor.get_by_role("textbox", name="Message").fill(text)
            visitor.keyboard.press("Enter")
            expect(visitor.get_by_text(text, exact=True).last).to_be_visible()
        expect(visitor.get_by_text("What can we do for you?").first).to_be_visible(timeout=WHO_ANSWERS_MS)
        [conversation] = opened.ask("GET", "/v1/conversations")["data"]
        opened.ask("PATCH", f"/v1/contacts/{conversation['contact']['id']}", {"name": "Grace Hopper"})
        yield opened
        visitor.close()


@pytest.fixture
def page_options(request: pytest.FixtureRequest) -> dict[str, Any]:
    return {"viewport": TABLET if "tablet" in request.node.name else PHONE, "reduced_motion": "reduce"}


def open_thread(page: Page, office: Office) -> None:
    sign_in(page, office)
    page.goto(f"{office.server.url}/conversations")
    page.get_by_role("tab", name="All").click()
    page.get_by_role("link", name="Grace Hopper").click()
    expect(page.get_by_role("log").get_by_text("menu", exact=True).first).to_be_attached()


def fits(page: Page) -> None:
    """Nothing makes the page wider than the screen."""
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")


def test_on_a_tablet_the_contact_lies_over_the_messages_and_closes(page: Page, office: Office) -> None:
    open_thread(page, office)
    about = page.get_by_role("dialog", name="About the contact")
    beside = page.get_by_role("region", name="Conversations")
    expect(beside).to_be_visible()
    listed, presence = beside.bounding_box(), page.get_by_role("combobox", name="Your presence").bounding_box()
    assert listed is not None
    assert presence is not None
    assert presence["x"] + presence["width"] < listed["x"] + listed["width"]
    expect(about).to_have_count(0)
    for way_out in ("key", "outside", "button"):
        page.get_by_role("button", name="Tags and notes").click()
        expect(about.get_by_role("textbox", name="Notes")).to_be_visible()
        if way_out == "key":
            page.keyboard.press("Escape")
        elif way_out == "outside":
            page.mouse.click(200, 400)
        else:
            about.get_by_role("button", name="Close what is known of the contact").click()
        expect(about).to_have_count(0)
    expect(page.get_by_label("Your answer")).to_be_visible()
    fits(page)


def test_on_a_phone_each_is_a_page_with_a_way_back(page: Page, office: Office) -> None:
    open_thread(page, office)
    people = page.get_by_role("region", name="Conversations")
    about = page.get_by_role("dialog", name="About the contact")
    expect(people).to_be_hidden()
    expect(page.get_by_role("log").locator("article").last).to_be_in_viewport()
    fits(page)
    page.get_by_role("button", name="Tags and notes").click()
    expect(about.get_by_role("textbox", name="Notes")).to_be_visible()
    assert about.evaluate("(page) => page.getBoundingClientRect().width") == PHONE["width"]
    fits(page)
    page.go_back()
    expect(about).to_have_count(0)
    page.get_by_role("button", name="Tags and notes").click()
    about.get_by_role("button", name="Back to the conversation").click()
    expect(about).to_have_count(0)
    page.get_by_role("button", name="Take it").click()
    page.get_by_role("button", name="Hand on").click()
    page.get_by_role("menuitem", name="Return to the bot").click()
    expect(page.get_by_role("button", name="Take it")).to_be_visible()
    page.get_by_role("link", name="Back to the list").click()
    expect(people).to_be_visible()
    expect(page.get_by_role("log")).to_have_count(0)
    fits(page)
