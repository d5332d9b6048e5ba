"""Lead qualification from blank in the builder: by mouse, and by keyboard alone; then fixed, tried, published and rolled back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.studio import Office, Studio, open_office, sign_in


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with open_office(tmp_path_factory.mktemp("office")) as opened:
        yield opened


@pytest.fixture
def page_options() -> dict[str, Any]:
    return {"viewport": {"width": 1440, "height": 900}}


@pytest.fixture
def studio(page: Page, office: Office, request: pytest.FixtureRequest) -> Studio:
    sign_in(page, office)
    return Studio(page, office, office.flow(request.node.name))


def say(studio: Studio, text: str) -> None:
    box = studio.page.get_by_label("Write as the contact")
    box.fill(text)
    box.press("Enter")


def test_by_mouse(studio: Studio) -> None:
    page = studio.page
    studio.place("Trigger", 400, 180, "Quote")
    page.get_by_role("combobox", name="Starts with").click()
    page.get_by_role("option", name="A message with a keyword").click()
    studio.panel.locator("[data-pointer=\"/on/words\"] input:visible").first.fill("quote")
    page.keyboard.press("Enter")
    studio.place("Send message", 720, 180, "Budget?")
    page.get_by_label("Message", exact=True).fill("What would you like to spend?")
    studio.connect("Quote", "Then", "Budget?")
    studio.place("Wait", 400, 400, "Read the budget")
    page.get_by_role("combobox", name="Must be").click()
    page.get_by_role("option", name="A number").click()
    page.get_by_role("combobox", name="Save the answer as").fill("budget")
    page.keyboard.press("Escape")
    studio.connect("Budget?", "Next", "Read the budget")
    studio.place("Condition", 720, 400, "Enough?")
    page.get_by_label("Name", exact=True).fill("A lot")
    page.get_by_role("combobox", name="What is tested, 1").fill("budget")
    page.get_by_role("option", name="budget").click()
    page.get_by_role("combobox", name="How, 1").click()
    page.get_by_role("option", name="is at least").click()
    page.get_by_role("textbox", name="Value, 1").fill("5000")
    studio.connect("Read the budget", "Answered", "Enough?")
    studio.place("Send message", 900, 620, "Great")
    studio.connect("Enough?", "A lot", "Great")
    expect(page.get_by_role("button", name="1 to fix")).to_be_visible()

    # What stops the flow is a click away from where it is fixed.
    page.get_by_role("button", name="Publish").click()
    publish = page.get_by_role("dialog", name="Publish")
    expect(publish.get_by_text("One thing stops this flow")).to_be_visible()
    expect(publish.get_by_role("button", name="Publish", exact=True)).to_be_disabled()
    publish.get_by_role("list", name="Problems").get_by_role("button").click()
    expect(page.get_by_label("Name of the step")).to_have_value("Great")
    page.get_by_label("Message", exact=True).fill("A person will call you, with {{budget}} in mind.")
    expect(page.get_by_text("to fix")).to_have_count(0)

    # Tried on the engine, with its path on the canvas.
    page.get_by_role("button", name="Test", exact=True).click()
    chat = page.get_by_role("log", name="Conversation")
    expect(page.get_by_label("Write as the contact")).to_be_visible()
    say(studio, "quote")
    expect(chat).to_contain_text("What would you like to spend?")
    say(studio, "8000")
    expect(chat).to_contain_text("A person will call you, with 8000 in mind.")
    expect(page.locator("article[data-tone]", has_text="Great")).to_be_visible()
    page.get_by_role("tab", name="Why").click()
    expect(page.get_by_role("tabpanel", name="Why")).to_contain_text("8000 >= 5000")

    # Published, changed, and rolled back.
    page.get_by_role("button", name="Publish").click()
    publish.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_text("Version 1 is live.")).to_be_visible()
    page.get_by_text("Configure", exact=True).click()
    studio.select("Great")
    page.get_by_label("Message", exact=True).fill("Somebody calls.")
    studio.saved()
    page.get_by_role("button", name="Publish").click()
    expect(publish.get_by_role("list", name="Changes")).to_contain_text("Great")
    publish.get_by_role("button", name="Publish version 2").click()
    expect(page.get_by_text("Version 2 is live.")).to_be_visible()
    page.get_by_role("button", name="Versions").click()
    page.get_by_role("button", name="Version 1").click()
    page.get_by_role("button", name="Make live again").click()
    expect(page.get_by_text("Version 1 is live again.")).to_be_visible()
    assert studio.office.ask("GET", f"/v1/flows/{studio.flow}")["live"]["number"] == 1


def test_by_keyboard_alone(studio: Studio) -> None:
    page, press, write = studio.page, studio.page.keyboard.press, studio.page.keyboard.type

    def add(kind: str) -> None:
        before = studio.steps.count()
        press("/")
        expect(page.get_by_role("combobox", name="Add a step")).to_be_focused()
        write(kind)
        press("Enter")
        expect(studio.steps).to_have_count(before + 1)
        expect(page.locator(".react-flow__node:focus")).to_have_count(1)

    def edit() -> None:
        press("Enter")
        expect(studio.panel.locator("input:focus, textarea:focus")).to_have_count(1)

    def leave() -> None:
        press("Escape")
        expect(page.locator(".react-flow__node:focus")).to_have_count(1)

    add("trigger")
    add("send")
    edit()
    write("What would you like to spend, {")
    write("{")
    expect(page.get_by_role("combobox", name="Insert a variable")).to_be_focused()
    write("first name")
    press("Enter")
    expect(studio.panel.locator("textarea:focus")).to_have_value("What would you like to spend, {{contact.first_name}}")
    leave()
    add("wait")
    add("condition")
    add("send")
    edit()
    write("We will call you.")
    leave()
    add("assign")
    # From the condition's other way back to the question.
    press("Control+f")
    write("condition")
    press("Enter")
    expect(page.locator(".react-flow__node:focus")).to_have_count(1)
    press("c")
    expect(page.get_by_role("combobox", name="Way out")).to_be_focused()
    write("else")
    press("Enter")
    expect(page.get_by_role("combobox", name="Leads to")).to_be_focused()
    write("what would")
    press("Enter")
    expect(studio.edges).to_have_count(6)
    saved = studio.saved()
    kinds = {node["id"]: node["type"] for node in saved["nodes"]}
    ways = {(kinds[edge["from"]], edge["port"], kinds[edge["to"]]) for edge in saved["edges"]}
    assert ("condition", "else", "send_message") in ways
    assert ("trigger", "next", "send_message") in ways
    assert list(kinds.values()) == ["trigger", "send_message", "wait", "condition", "send_message", "assign_agent"]
    press("Control+z")
    expect(studio.edges).to_have_count(5)
