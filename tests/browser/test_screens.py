"""Every screen around the canvas on the real server: signing in, flows, contacts, conversations, settings."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.studio import OWNER, Office, open_office, sign_in

WHO_ANSWERS_MS = 20_000


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with open_office(tmp_path_factory.mktemp("screens")) as opened:
        yield opened


@pytest.fixture
def at(page: Page, office: Office) -> Page:
    sign_in(page, office)
    return page


def go(page: Page, office: Office, path: str, heading: str) -> None:
    page.goto(office.server.url + path)
    expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()


def test_the_first_owner_comes_by_the_printed_link_and_signs_in_again(page: Page, tmp_path: Path) -> None:
    with open_office(tmp_path) as office:
        page.goto(f"{office.server.url}/welcome#{office.welcome}")
        page.wait_for_function("() => document.querySelector('main img')?.naturalWidth > 0")
        page.get_by_label("Your name").fill(OWNER["name"])
        page.get_by_label("E-mail").fill(OWNER["email"])
        page.locator("input[autocomplete=new-password]").fill(OWNER["password"])
        page.get_by_role("button", name="Start").click()
        expect(page.get_by_role("heading", name="Flows")).to_be_visible()
        page.get_by_role("button", name=f"Account of {OWNER['name']}").click()
        page.get_by_role("menuitem", name="Sign out").click()
        page.get_by_label("E-mail").fill(OWNER["email"])
        page.locator("input[autocomplete=current-password]").fill("another password")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("alert")).to_contain_text("wrong")
        page.locator("input[autocomplete=current-password]").fill(OWNER["password"])
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", name="Flows")).to_be_visible()
        page.goto(f"{office.server.url}/welcome#{office.welcome}")
        page.get_by_role("button", name=f"Account of {OWNER['name']}").click()
        page.get_by_role("menuitem", name="Sign out").click()
        page.goto(f"{office.server.url}/welcome#{office.welcome}")
        expect(page.get_by_role("heading", name="This link doesn't work any more")).to_be_visible()


def test_flows_are_made_copied_exported_archived_and_found(at: Page, office: Office) -> None:
    go(at, office, "/flows", "Flows")
    at.get_by_role("button", name="New flow").click()
    at.get_by_role("dialog").get_by_role("button", name=re.compile("Order status")).click()
    expect(at.get_by_label("Name of the flow")).to_have_value("Order status")
    go(at, office, "/flows", "Flows")
    at.get_by_label("Search flows").fill("satis")
    rows = at.get_by_role("row").filter(has_text="Satisfaction survey")
    expect(rows).to_have_count(1)
    rows.get_by_role("button", name="More for Satisfaction survey").click()
    with at.expect_download() as download:
        at.get_by_role("menuitem", name="Export as a file").click()
    exported = json.loads(Path(download.value.path()).read_text("utf-8"))
    assert exported["name"] == "Satisfaction survey"
    rows.get_by_role("button", name="More for Satisfaction survey").click()
    at.get_by_role("menuitem", name="Duplicate").click()
    expect(rows).to_have_count(2)
    copy = rows.filter(has_text="Draft")
    name = copy.get_by_role("link").inner_text()
    copy.get_by_role("button", name=f"More for {name}").click()
    at.get_by_role("menuitem", name="Archive").click()
    expect(rows).to_have_count(1)
    at.get_by_text("Archived", exact=True).click()
    expect(at.get_by_role("link", name=name)).to_be_visible()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("flow.json", b"{nonsense", "isn't JSON"),
        ("list.json", b"[1]", "holds no flow"),
        ("huge.json", b" " * 5_100_000, "5 MB at most"),
        ("newer.json", b'{"schema": 99, "name": "New", "nodes": [], "edges": []}', "newer release"),
    ],
)
def test_a_file_that_is_no_flow_is_refused_in_words(at: Page, office: Office, name: str, content: bytes, words: str) -> None:
    go(at, office, "/flows", "Flows")
    at.get_by_role("button", name="New flow").click()
    with at.expect_file_chooser() as chooser:
        at.get_by_role("button", name="Import a file").click()
    chooser.value.set_files({"name": name, "mimeType": "application/json", "buffer": content})
    expect(at.get_by_text(re.compile(re.escape(words)))).to_be_visible()
    expect(at.get_by_role("dialog", name="New flow")).to_be_visible()


def test_a_contact_is_added_tagged_and_found_and_a_flow_that_cannot_reach_them_says_so(at: Page, office: Office) -> None:
    go(at, office, "/contacts", "Contacts")
    at.get_by_role("button", name="Add contact").first.click()
    dialog = at.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Grace Hopper")
    dialog.get_by_label("Phone").fill("12")
    dialog.get_by_role("button", name="Add contact").click()
    expect(dialog.get_by_text(re.compile("phone", re.IGNORECASE)).last).to_be_visible()
    dialog.get_by_label("Phone").fill("+49 151 234 56789")
    dialog.get_by_role("button", name="Add contact").click()
    expect(at.get_by_role("heading", name="Grace Hopper")).to_be_visible()
    at.get_by_role("combobox", name="Tags").fill("vip")
    at.keyboard.press("Enter")
    at.get_by_role("button", name="Start a flow").click()
    at.get_by_role("option", name="Lead qualification").click()
    expect(at.get_by_text("can't be reached on any of the flow's channels")).to_be_visible()
    go(at, office, "/contacts", "Contacts")
    at.get_by_label("Search contacts").fill("hopper")
    row = at.get_by_role("link", name="Grace Hopper")
    expect(row).to_be_visible()
    expect(at.get_by_role("main").get_by_text("vip")).to_be_visible()


def test_a_visitor_is_handed_to_a_person_who_answers(at: Page, office: Office, browser: Browser) -> None:
    go(at, office, "/conversations", "Conversations")
    at.get_by_role("combobox", name="Your presence").click()
    at.get_by_role("option", name="Online").click()
    guest = browser.new_context()
    visitor = guest.new_page()
    visitor.goto(office.chat)
    field = visitor.get_by_role("textbox", name="Message")
    for text in ("menu", "Talk to a person"):
        field.fill(text)
        field.press("Enter")
        visitor.wait_for_function("text => document.body.innerText.includes(text)", arg=text)
    at.get_by_role("tab", name="Mine").click()
    at.get_by_role("link", name=re.compile("With a person")).first.click(timeout=WHO_ANSWERS_MS)
    expect(at.get_by_role("log")).to_contain_text("Talk to a person")
    at.get_by_label("Your answer").fill("Hello, Ada here. What can I do?")
    at.keyboard.press("Enter")
    expect(at.get_by_role("log")).to_contain_text("Ada here")
    expect(visitor.get_by_text("Hello, Ada here. What can I do?")).to_be_visible(timeout=WHO_ANSWERS_MS)
    field.fill("Where is my lamp?")
    field.press("Enter")
    expect(at.get_by_role("log")).to_contain_text("Where is my lamp?")
    field.fill("The *red* one, <b>not</b> 2*3")
    field.press("Enter")
    expect(at.get_by_role("log")).to_contain_text("The red one, <b>not</b> 2*3")
    expect(at.get_by_role("log").locator("b", has_text="red")).to_be_visible()
    at.get_by_role("button", name="Tags and notes").click()
    at.get_by_role("textbox", name="Notes").fill("Lamps only")
    at.get_by_role("button", name="Add the note").click()
    expect(at.get_by_role("region", name="Notes")).to_contain_text("Lamps only")
    at.get_by_role("button", name="Close what is known of the contact").click()
    at.get_by_role("button", name="Resolve").click()
    expect(at.get_by_role("button", name="Resolve")).to_have_count(0)
    at.get_by_role("heading", name="Visitor").get_by_role("link").click()
    at.get_by_role("button", name="Start a flow").click()
    at.get_by_role("option", name="Lead qualification").click()
    journey = at.get_by_role("region", name="Journey")
    expect(journey).to_contain_text("Lead qualification")
    journey.get_by_role("button", name="Show steps").first.click()
    expect(journey).to_contain_text("Started")
    expect(visitor.get_by_text(re.compile("quote|project", re.IGNORECASE)).last).to_be_visible(timeout=WHO_ANSWERS_MS)
    guest.close()


def test_a_colleague_comes_by_a_link_and_sees_what_agents_see(at: Page, office: Office, browser: Browser) -> None:
    go(at, office, "/settings/people", "People")
    at.get_by_role("button", name="Add a colleague").click()
    dialog = at.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Alan Turing")
    dialog.get_by_label("E-mail").fill("alan@example.com")
    dialog.get_by_role("button", name="Add, and make the link").click()
    link = at.get_by_role("dialog", name="A link for Alan Turing").locator("code").inner_text()
    theirs = browser.new_context()
    page = theirs.new_page()
    page.goto(link)
    page.locator("input[autocomplete=new-password]").fill("enigma is not a password")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("heading", name="Conversations")).to_be_visible()
    expect(page.get_by_role("navigation", name="Main").get_by_label("Flows")).to_have_count(0)
    made = office.ask("POST", "/v1/contacts", {"name": "Katherine Johnson", "phone": "+4915123450000"})
    page.goto(f"{office.server.url}/contacts/{made['id']}")
    page.get_by_role("combobox", name="Tags").fill("orbit")
    page.keyboard.press("Enter")
    page.get_by_role("textbox", name="Notes").fill("Checks by hand")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("region", name="Notes")).to_contain_text("Alan Turing")
    assert office.ask("GET", f"/v1/contacts/{made['id']}")["tags"] == ["orbit"]
    page.get_by_role("link", name="Contacts", exact=True).click()
    expect(page.get_by_role("link", name="Katherine Johnson")).to_be_visible()
    expect(page.get_by_role("button", name="Add contact")).to_have_count(0)
    [flow] = office.ask("GET", "/v1/flows?search=Lead")["data"]
    page.goto(f"{office.server.url}/flows/{flow['id']}")
    expect(page.get_by_text("Read only", exact=True)).to_be_visible()
    page.locator(".react-flow__node-step").first.click(position={"x": 60, "y": 20})
    expect(page.get_by_label("Name of the step")).to_be_disabled()
    for dead in (page.get_by_role("complementary", name="Steps"), page.get_by_role("button", name="Publish")):
        expect(dead).to_have_count(0)
    page.keyboard.press("/")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("option", name="Versions")).to_be_visible()
    for dead in (page.get_by_role("dialog", name="Add a step"), page.get_by_role("option", name="Add a note")):
        expect(dead).to_have_count(0)
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Settings").click()
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()
    expect(page.get_by_role("link", name="API keys")).to_have_count(0)
    theirs.close()


def test_the_web_chat_is_set_up_and_keeps_what_was_entered(at: Page, office: Office) -> None:
    go(at, office, "/settings/channels", "Channels")
    at.get_by_role("button", name="Set up").first.click()
    expect(at.locator("code").first).to_contain_text("widget.js")
    at.get_by_role("combobox", name="Sites that may show it").fill("https://shop.example")
    at.keyboard.press("Enter")
    at.get_by_label("Greeting").fill("Good day!")
    at.get_by_role("button", name="Save").click()
    expect(at.get_by_text("The chat is saved")).to_be_visible()
    at.reload()
    at.get_by_role("button", name="Set up").first.click()
    expect(at.get_by_label("Greeting")).to_have_value("Good day!")
    expect(at.get_by_text("https://shop.example", exact=True)).to_be_visible()


def test_whatsapp_is_a_checklist_and_secrets_are_never_shown_again(at: Page, office: Office) -> None:
    go(at, office, "/settings/channels", "Channels")
    at.get_by_role("button", name="Connect a channel").click()
    at.get_by_role("menuitem", name="WhatsApp").click()
    at.get_by_label("Phone number ID").fill("106540352242922")
    for label in ("Access token", "App secret", "Verify token"):
        at.get_by_label(label, exact=False).first.fill(f"{label} of Ada")
    at.get_by_role("button", name="Connect", exact=True).click()
    expect(at.get_by_text("Callback URL")).to_be_visible()
    expect(at.locator("code").last).to_contain_text("/hooks/whatsapp/ch_")
    expect(at.get_by_text("Nothing has arrived yet.")).to_be_visible()
    at.reload()
    at.get_by_role("button", name="Set up").last.click()
    expect(at.get_by_label("App secret").first).to_have_value("")
    assert re.search("token of Ada|secret of Ada", at.content(), re.IGNORECASE) is None


def test_fields_keys_teams_and_the_workspace_are_changed(at: Page, office: Office) -> None:
    go(at, office, "/settings/fields", "Fields")
    at.get_by_role("button", name="New field").click()
    at.get_by_role("dialog").get_by_label("Name").fill("Monthly budget")
    at.get_by_role("button", name="Save").click()
    expect(at.get_by_text("{{contact.fields.monthly_budget}}")).to_be_visible()
    go(at, office, "/settings/keys", "API keys")
    at.get_by_role("button", name="New key").click()
    at.get_by_label("What it is for").fill("Web shop")
    at.get_by_role("button", name="Make the key").click()
    expect(at.get_by_role("dialog").locator("code")).to_contain_text("pd_live_")
    at.get_by_role("button", name="Done").click()
    expect(at.get_by_text("Web shop")).to_be_visible()
    go(at, office, "/settings/people", "Teams")
    at.get_by_role("button", name="New team").click()
    at.get_by_role("dialog").get_by_label("Name").fill("Sales")
    at.get_by_role("combobox", name="Open").click()
    at.get_by_role("option", name="Hours of its own").click()
    at.get_by_role("button", name="Save").click()
    expect(at.get_by_text("Mon, Tue, Wed, Thu, Fri 09:00–17:00")).to_be_visible()
    go(at, office, "/settings/workspace", "Workspace")
    at.get_by_label("Brand").fill("Willow & Sons")
    at.get_by_role("button", name="Save").click()
    expect(at.get_by_text("The workspace is saved")).to_be_visible()
