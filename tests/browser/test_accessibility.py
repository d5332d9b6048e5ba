"""axe-core finds nothing serious on any screen, in any dialog or side panel, by day and by night."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.studio import Office, open_office, sign_in

GRAVE = ("serious", "critical")
SCREENS = {
    "/flows": "Flows",
    "/contacts": "Contacts",
    "/conversations": "Conversations",
    "/settings/channels": "Channels",
    "/settings/people": "People",
    "/settings/fields": "Fields",
    "/settings/variables": "Variables",
    "/settings/hours": "Opening hours",
    "/settings/templates": "Templates",
    "/settings/ai": "AI",
    "/settings/secrets": "Secrets",
    "/settings/keys": "API keys",
    "/settings/webhooks": "Webhooks",
    "/settings/workspace": "Workspace",
    "/settings/account": "Your account",
}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Office]:
    """With something on each screen, and a conversation that an agent has."""
    with open_office(tmp_path_factory.mktemp("axe")) as opened:
        opened.ask("POST", "/v1/contacts", {"name": "Grace Hopper", "phone": "+4915123456789", "tags": ["vip"]})
        opened.ask("POST", "/v1/fields", {"key": "budget", "label": "Budget", "type": "number"})
        opened.ask("POST", "/v1/globals", {"key": "street", "label": "Street", "value": "Mill Lane"})
        opened.ask("POST", "/v1/hours", {"key": "showroom", "label": "Showroom"})
        opened.ask("PUT", "/v1/secrets/shop", {"value": "hush"})
        alan = opened.ask("POST", "/v1/users", {"name": "Alan", "email": "alan@example.com", "role": "agent"})
        opened.ask("POST", "/v1/templates", {"name": "shipped", "language": "en", "category": "UTILITY", "body": "On its way."})
        opened.ask("POST", "/v1/webhooks", {"label": "Shop", "url": "https://shop.example.com", "events": ["message.received"]})
        config = {"phone_number_id": "1", "access_token": "a", "app_secret": "b", "verify_token": "c"}
        opened.ask("POST", "/v1/channels", {"kind": "whatsapp", "name": "WhatsApp", "config": config})
        visitor = browser.new_page()
        visitor.goto(opened.chat)
        visitor.get_by_role("textbox", name="Message").fill("menu")
        visitor.keyboard.press("Enter")
        expect(visitor.get_by_text("What can we do for you?")).to_be_visible()
        [conversation] = opened.ask("GET", "/v1/conversations")["data"]
        opened.ask("POST", f"/v1/conversations/{conversation['id']}/claim", {"user_id": alan["id"]})
        yield opened
        visitor.close()


@pytest.fixture(params=["light", "dark"])
def page_options(request: pytest.FixtureRequest) -> dict[str, Any]:
    return {"viewport": {"width": 1440, "height": 900}, "color_scheme": request.param, "reduced_motion": "reduce"}


def grave(page: Page) -> list[str]:
    """What axe-core calls serious or critical, in a line each."""
    found = Axe().run(page).response["violations"]
    return [f"{each['id']} {node['html'][:120]}" for each in found if each["impact"] in GRAVE for node in each["nodes"]]


def test_signing_in_is_accessible(page: Page, office: Office) -> None:
    page.goto(office.server.url)
    expect(page.get_by_role("heading", name="Sign in to PostDog")).to_be_visible()
    assert grave(page) == []


def test_every_screen_is_accessible(page: Page, office: Office) -> None:
    sign_in(page, office)
    found = {}
    for path, heading in SCREENS.items():
        page.goto(office.server.url + path)
        expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
        page.wait_for_load_state("networkidle")
        if trouble := grave(page):
            found[path] = trouble
    assert found == {}


DIALOGS = {
    "/flows": ("New flow", "New flow"),
    "/contacts": ("Add contact", "Add contact"),
    "/settings/people": ("Add a colleague", "Add a colleague"),
    "/settings/fields": ("New field", "New field"),
    "/settings/variables": ("New variable", "New variable"),
    "/settings/hours": ("New hours", "New hours"),
    "/settings/templates": ("New template", "New template"),
    "/settings/secrets": ("New secret", "New secret"),
    "/settings/keys": ("New key", "New API key"),
    "/settings/webhooks": ("Add webhook", "New webhook"),
}


def test_every_dialog_is_accessible(page: Page, office: Office) -> None:
    sign_in(page, office)
    found = {}
    for path, (button, title) in DIALOGS.items():
        page.goto(office.server.url + path)
        page.get_by_role("button", name=button).first.click()
        expect(page.get_by_role("dialog", name=title)).to_be_visible()
        page.wait_for_load_state("networkidle")
        if trouble := grave(page):
            found[path] = trouble
    assert found == {}


def test_what_opens_on_a_page_is_accessible(page: Page, office: Office) -> None:
    def opened(path: str, name: str, seen: str) -> None:
        page.goto(office.server.url + path)
        page.get_by_role("button", name=name).last.click()
        expect(page.get_by_text(seen).first).to_be_visible()
        page.wait_for_load_state("networkidle")
        if trouble := grave(page):
            found[f"{path} {name}"] = trouble

    sign_in(page, office)
    found: dict[str, list[str]] = {}
    [conversation] = office.ask("GET", "/v1/conversations")["data"]
    thread = f"/conversations/{conversation['id']}"
    page.goto(office.server.url + thread)
    expect(page.get_by_role("complementary", name="About the contact")).to_be_visible()
    if trouble := grave(page):
        found[thread] = trouble
    opened(thread, "Hand on", "To a team's queue")
    opened("/conversations", "Notices", "Nothing yet")
    opened("/settings/channels", "Set up", "Enter this in Meta")
    opened("/settings/people", "More for Alan", "Remove")
    opened(f"/contacts/{conversation['contact']['id']}", "Start a flow", "Lead qualification")
    assert found == {}


SEEN: dict[str, Callable[[Page], None]] = {
    "the flow's settings": lambda page: expect(page.get_by_label("Runs end after")).to_be_visible(),
    "a trigger": lambda page: page.get_by_text("The word “quote”", exact=True).click(),
    "a message": lambda page: page.get_by_text("What is it about?", exact=True).click(),
    "a wait": lambda page: page.get_by_text("Budget", exact=True).first.click(),
    "problems": lambda page: page.get_by_role("button", name="to look at").click(),
    "adding": lambda page: page.keyboard.press("/"),
    "commands": lambda page: page.keyboard.press("Control+k"),
    "finding": lambda page: page.keyboard.press("Control+f"),
    "keys": lambda page: page.keyboard.press("Shift+?"),
    "versions": lambda page: command(page, "Versions"),
    "publishing": lambda page: command(page, "Publish"),
    "languages": lambda page: command(page, "Languages"),
    "live": lambda page: command(page, "What happens live"),
    "a test": lambda page: play(page),
    "variables of a test": lambda page: (play(page), page.get_by_role("tab", name="Variables").click())[0],
    "every path": lambda page: (play(page), page.get_by_role("button", name="Play every path").click())[0],
}


def command(page: Page, name: str) -> None:
    page.keyboard.press("Control+k")
    page.get_by_role("option", name=name).first.click()


def play(page: Page) -> None:
    page.get_by_role("button", name="Test", exact=True).click()
    page.get_by_label("Write as the contact").fill("quote")
    page.keyboard.press("Enter")
    expect(page.get_by_role("log", name="Conversation").get_by_text("quote", exact=True)).to_be_visible()


def test_the_builder_is_accessible_whatever_is_open(page: Page, office: Office) -> None:
    sign_in(page, office)
    [flow] = office.ask("GET", "/v1/flows?search=Lead")["data"]
    found = {}
    for name, act in SEEN.items():
        page.goto(f"{office.server.url}/flows/{flow['id']}")
        expect(page.locator(".react-flow__node-step").first).to_be_visible()
        page.wait_for_load_state("networkidle")
        act(page)
        page.wait_for_load_state("networkidle")
        if trouble := grave(page):
            found[name] = trouble
    assert found == {}
