"""Ten tasks of a shop owner, by visible labels and the mouse alone (typing into fields aside), and the clicks that each takes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.studio import Office, Studio, open_office, sign_in

ANSWER_MS = 20_000
SHOP: dict[str, Any] = {
    "schema": 1,
    "name": "Opening hours",
    "nodes": [
        {"id": "start", "type": "trigger", "label": "Hours?", "config": {"on": {"kind": "keyword", "words": ["hours"]}}},
        {
            "id": "ask",
            "type": "send_message",
            "label": "Which day",
            "config": {
                "text": "Which day do you mean?",
                "buttons": [{"id": "week", "title": "Weekday"}],
                "save_as": "day",
                "timeout": "PT1H",
            },
        },
        {"id": "say", "type": "send_message", "label": "Tell them", "config": {"text": "We are open from 9 to 5."}},
        {"id": "late", "type": "send_message", "label": "Nobody wrote", "config": {"text": "Write when you like."}},
    ],
    "edges": [
        {"from": "start", "port": "next", "to": "ask"},
        {"from": "ask", "port": "week", "to": "say"},
        {"from": "ask", "port": "other", "to": "say"},
        {"from": "ask", "port": "timeout", "to": "late"},
    ],
    "layout": {"start": {"x": 0, "y": 0}, "ask": {"x": 340, "y": 0}, "say": {"x": 680, "y": 0}, "late": {"x": 680, "y": 240}},
}


@dataclass
class Hands:
    """A mouse whose clicks and drags are counted."""

    page: Page
    clicks: int = 0

    def click(self, what: Locator, **options: Any) -> None:
        """One click."""
        what.click(**options)
        self.clicks += 1

    def button(self, name: str | re.Pattern[str], exact: bool = True) -> None:
        """Click a button by its label."""
        self.click(self.page.get_by_role("button", name=name, exact=exact))

    def link(self, name: str) -> None:
        """Click a link by its label."""
        self.click(self.page.get_by_role("link", name=name, exact=True))

    def option(self, name: str | re.Pattern[str]) -> None:
        """Click what a menu or a list offers."""
        self.click(self.page.get_by_role("menuitem", name=name).or_(self.page.get_by_role("option", name=name)))

    def card(self, title: str) -> None:
        """Click a card's head."""
        self.click(self.page.locator(".react-flow__node-step", has_text=title).first, position={"x": 60, "y": 20})


@dataclass
class Tasks:
    """What each task took, for the table at the end."""

    taken: dict[str, tuple[int, int]] = field(default_factory=dict)

    def __str__(self) -> str:
        """A row for each task."""
        return "\n".join(f"{clicks:3} of at most {most:2} clicks  {name}" for name, (clicks, most) in self.taken.items())


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with open_office(tmp_path_factory.mktemp("shop")) as opened:
        yield opened


@pytest.fixture(scope="module")
def tasks() -> Iterator[Tasks]:
    done = Tasks()
    yield done
    print(f"\n{done}")


@pytest.fixture
def page_options() -> dict[str, Any]:
    return {"viewport": {"width": 1440, "height": 900}}


@pytest.fixture
def shop(page: Page, office: Office, browser: Browser, tasks: Tasks) -> Shop:
    sign_in(page, office)
    page.goto(office.server.url)
    expect(page.get_by_role("heading", name="Flows")).to_be_visible()
    return Shop(page, office, browser, tasks)


@dataclass
class Shop:
    """The owner's browser, the office and whoever visits."""

    page: Page
    office: Office
    browser: Browser
    tasks: Tasks

    @contextmanager
    def task(self, name: str, most: int) -> Iterator[Hands]:
        """Count the clicks of a task; more than so many fail it."""
        hands = Hands(self.page)
        yield hands
        self.tasks.taken[name] = (hands.clicks, most)
        assert hands.clicks <= most, f"{name}: {hands.clicks} clicks, at most {most}"

    @contextmanager
    def visitor(self, address: str = "") -> Iterator[Page]:
        """A stranger at the web chat."""
        context = self.browser.new_context()
        opened = context.new_page()
        opened.goto(address or self.office.chat)
        yield opened
        context.close()

    def live(self, name: str, word: str) -> str:
        """A flow of one's own that is live and starts with a word; its id."""
        document = {**SHOP, "name": name, "nodes": [dict(node) for node in SHOP["nodes"]]}
        document["nodes"][0]["config"] = {"on": {"kind": "keyword", "words": [word]}}
        flow = self.office.flow(name, document)
        self.office.ask("POST", f"/v1/flows/{flow}/publish", {})
        self.page.reload()
        return flow


def write(visitor: Page, text: str) -> None:
    box = visitor.get_by_role("textbox", name="Message")
    box.fill(text)
    box.press("Enter")


def hears(visitor: Page, text: str) -> None:
    expect(visitor.get_by_text(text).last).to_be_visible(timeout=ANSWER_MS)


def test_connect_the_web_chat(shop: Shop) -> None:
    page = shop.page
    with shop.task("connect the web chat", 4) as hands:
        hands.link("Settings")
        hands.button("Connect a channel")
        hands.option("Web chat")
        expect(page.locator("code").last).to_contain_text("widget.js")
        link = page.get_by_role("link", name="Open the chat as a page of its own").last
        address = link.get_attribute("href")
        with page.context.expect_page() as opened:
            hands.click(link)
        opened.value.close()
    assert address is not None
    assert address != shop.office.chat
    with shop.visitor(address) as visitor:
        write(visitor, "menu")
        hears(visitor, "What can we do for you?")


def test_change_a_text_of_a_live_flow(shop: Shop) -> None:
    page = shop.page
    shop.live("Change a text", "change")
    with shop.task("change a text of a live flow", 4) as hands:
        hands.link("Change a text")
        hands.card("Tell them")
        page.get_by_label("Message", exact=True).fill("We are open day and night.")
        hands.button("Publish")
        dialog = page.get_by_role("dialog", name="Publish")
        expect(dialog.get_by_role("list", name="Changes")).to_contain_text("Tell them")
        hands.click(dialog.get_by_role("button", name="Publish version 2"))
        expect(page.get_by_text("Version 2 is live.")).to_be_visible()
    with shop.visitor() as visitor:
        write(visitor, "change")
        hears(visitor, "Which day do you mean?")
        write(visitor, "Friday")
        hears(visitor, "We are open day and night.")


def test_add_a_button(shop: Shop) -> None:
    page = shop.page
    flow = shop.live("Add a button", "button")
    with shop.task("add a button", 6) as hands:
        hands.link("Add a button")
        studio = Studio(page, shop.office, flow)
        hands.card("Which day")
        hands.button("Add button")
        page.get_by_label("Button 2", exact=True).fill("Sunday")
        expect(studio.card("Which day").locator("li", has_text="Sunday")).to_be_visible()
        studio.connect("Which day", "Sunday", "Tell them")
        hands.clicks += 1
        studio.saved()
        hands.button("Publish")
        hands.click(page.get_by_role("dialog", name="Publish").get_by_role("button", name="Publish version 2"))
        expect(page.get_by_text("Version 2 is live.")).to_be_visible()
    with shop.visitor() as visitor:
        write(visitor, "button")
        visitor.get_by_role("button", name="Sunday").click()
        hears(visitor, "We are open from 9 to 5.")


def test_see_why_publishing_is_refused(shop: Shop) -> None:
    page = shop.page
    nodes = [*SHOP["nodes"][:3], {**SHOP["nodes"][3], "config": {}}]
    shop.office.flow("Refused", {**SHOP, "name": "Refused", "nodes": nodes})
    page.reload()
    with shop.task("see why publish is refused, and fix it", 5) as hands:
        hands.link("Refused")
        expect(page.get_by_role("button", name="1 to fix")).to_be_visible()
        hands.button("Publish")
        dialog = page.get_by_role("dialog", name="Publish")
        expect(dialog.get_by_text("One thing stops this flow")).to_be_visible()
        hands.click(dialog.get_by_role("list", name="Problems").get_by_role("button"))
        expect(page.get_by_label("Name of the step")).to_have_value("Nobody wrote")
        page.get_by_label("Message", exact=True).fill("Write when you like.")
        expect(page.get_by_text("to fix")).to_have_count(0)
        hands.button("Publish")
        hands.click(dialog.get_by_role("button", name="Publish", exact=True))
        expect(page.get_by_text("Version 1 is live.")).to_be_visible()


def test_test_a_timeout(shop: Shop) -> None:
    page = shop.page
    shop.live("Time is up", "timeout")
    with shop.task("test a timeout", 4) as hands:
        hands.link("Time is up")
        hands.button("Test")
        page.get_by_label("Write as the contact").fill("timeout")
        hands.button("Send")
        chat = page.get_by_role("log", name="Conversation")
        expect(chat).to_contain_text("Which day do you mean?")
        hands.button("Skip the wait")
        expect(chat).to_contain_text("Write when you like.")


def test_hand_a_customer_to_a_person_and_answer(shop: Shop) -> None:
    page = shop.page
    with shop.task("answer a customer who asks for a person", 7) as hands:
        hands.link("Conversations")
        hands.click(page.get_by_role("combobox", name="Your presence"))
        hands.option("Online")
        with shop.visitor() as visitor:
            write(visitor, "menu")
            hears(visitor, "What can we do for you?")
            write(visitor, "Talk to a person")
            hands.click(page.get_by_role("tab", name="Mine"))
            hands.click(page.get_by_role("link", name=re.compile("With a person")).first, timeout=ANSWER_MS)
            page.get_by_label("Your answer").fill("Hello, Ada here.")
            hands.button("Send")
            hears(visitor, "Hello, Ada here.")
            hands.button("Resolve")
            expect(page.get_by_role("button", name="Resolve")).to_have_count(0)


def test_find_who_is_stuck(shop: Shop) -> None:
    page = shop.page
    shop.live("Stuck here", "stuck")
    with shop.visitor() as visitor:
        write(visitor, "stuck")
        hears(visitor, "Which day do you mean?")
    with shop.task("find who is stuck, and where", 5) as hands:
        hands.link("Stuck here")
        hands.button("What happens live")
        expect(page.locator(".react-flow__node-step", has_text="Which day")).to_contain_text("1 waiting")
        hands.card("Which day")
        live = page.get_by_role("region", name="Live at this step")
        hands.click(live.get_by_role("button", name="Visitor"))
        expect(live).to_contain_text("Which day")
        hands.link("Open the contact")
        expect(page.get_by_role("region", name="Journey")).to_contain_text("stands at “Which day”")


def test_roll_back(shop: Shop) -> None:
    page = shop.page
    flow = shop.live("Roll back", "back")
    start, ask, say, late = SHOP["nodes"]
    nodes = [start, ask, {**say, "config": {"text": "We are closed."}}, late]
    changed = {**SHOP, "name": "Roll back", "nodes": nodes}
    etag = page.request.get(f"{shop.office.server.url}/v1/flows/{flow}").headers["etag"]
    headers = {"If-Match": etag, "Origin": shop.office.server.url}
    assert page.request.put(f"{shop.office.server.url}/v1/flows/{flow}", data={"document": changed}, headers=headers).ok
    shop.office.ask("POST", f"/v1/flows/{flow}/publish", {})
    with shop.task("roll a version back", 4) as hands:
        hands.link("Roll back")
        hands.button("Versions")
        hands.button(re.compile("^Version 1"), exact=False)
        hands.button("Make live again")
        expect(page.get_by_text("Version 1 is live again.")).to_be_visible()
    assert shop.office.ask("GET", f"/v1/flows/{flow}")["live"]["number"] == 1


def test_add_a_colleague(shop: Shop) -> None:
    page = shop.page
    with shop.task("add a colleague", 4) as hands:
        hands.link("Settings")
        hands.link("People and teams")
        hands.button("Add a colleague")
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Name").fill("Alan Turing")
        dialog.get_by_label("E-mail").fill("alan@example.com")
        hands.button("Add, and make the link")
        expect(page.get_by_role("dialog", name="A link for Alan Turing").locator("code")).to_contain_text("/welcome#")


def test_invite_a_contact(shop: Shop) -> None:
    page = shop.page
    shop.live("Invitation", "invitation")
    secrets = {"access_token": "a token", "app_secret": "a secret", "verify_token": "some words"}
    config = {"phone_number_id": "106540352242922", "base_url": "http://127.0.0.1:9", **secrets}
    shop.office.ask("POST", "/v1/channels", {"kind": "whatsapp", "name": "WhatsApp", "config": config})
    with shop.task("invite a contact into a flow", 5) as hands:
        hands.link("Contacts")
        hands.button("Add contact")
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Name").fill("Grace Hopper")
        dialog.get_by_label("Phone").fill("+49 151 234 56789")
        hands.click(dialog.get_by_role("button", name="Add contact"))
        expect(page.get_by_role("heading", name="Grace Hopper")).to_be_visible()
        hands.button("Start a flow")
        hands.option("Invitation")
        expect(page.get_by_text("“Invitation” has started")).to_be_visible()
        expect(page.get_by_role("region", name="Journey")).to_contain_text("Invitation")
