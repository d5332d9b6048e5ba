"""What goes wrong around the builder: the server is away, the flow is gone, newer or too large, the clipboard holds garbage."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.studio import OWNER, Office, Studio, open_office, sign_in
from tests.browser.test_builder import ASKING

SOON_MS = 20_000


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with open_office(tmp_path_factory.mktemp("trouble")) as opened:
        yield opened


@pytest.fixture
def page_options() -> dict[str, Any]:
    return {"viewport": {"width": 1440, "height": 900}}


@pytest.fixture
def asking(page: Page, office: Office) -> Studio:
    sign_in(page, office)
    opened = Studio(page, office, office.flow("Asking", ASKING))
    expect(opened.steps).to_have_count(3)
    return opened


def paste(page: Page, text: str) -> None:
    page.evaluate(
        """(text) => {
        const data = new DataTransfer(); data.setData("text/plain", text);
        document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
    }""",
        text,
    )


def texts(office: Office, flow: str) -> list[Any]:
    return [node.get("config", {}).get("text") for node in office.document(flow)["nodes"]]


def test_a_window_that_is_closed_while_the_server_is_away_loses_nothing(asking: Studio, page: Page) -> None:
    office = asking.office
    asking.select("Good")
    office.kill()
    page.get_by_label("Message", exact=True).fill("On its way.")
    expect(page.get_by_role("status")).to_have_text("Not saved: the server can’t be reached")
    window = page.context.new_page()
    page.goto("about:blank")
    office.start()
    window.goto(f"{office.server.url}/flows/{asking.flow}")
    expect(window.get_by_text("What wasn’t saved last time is back.")).to_be_visible()
    expect(window.get_by_role("status").filter(has_text="Saved")).to_be_visible(timeout=SOON_MS)
    assert texts(office, asking.flow) == [None, "Tea?", "On its way."]


def test_who_is_signed_out_meanwhile_signs_in_and_goes_on(asking: Studio, page: Page) -> None:
    asking.select("Good")
    page.context.clear_cookies()
    page.get_by_label("Message", exact=True).fill("On its way.")
    expect(page.get_by_role("heading", name="Sign in to PostDog")).to_be_visible()
    page.get_by_label("E-mail").fill(OWNER["email"])
    page.get_by_role("textbox", name="Password").fill(OWNER["password"])
    page.get_by_role("button", name="Sign in").click()
    expect(asking.card("Good")).to_contain_text("On its way.")
    asking.saved()
    assert texts(asking.office, asking.flow) == [None, "Tea?", "On its way."]
    asking.office.state = page.context.cookies()


def test_a_flow_that_somebody_deletes_is_saved_as_a_new_one(asking: Studio, page: Page) -> None:
    asking.select("Good")
    asking.office.ask("DELETE", f"/v1/flows/{asking.flow}")
    page.get_by_label("Message", exact=True).fill("On its way.")
    gone = page.get_by_role("alert").filter(has_text="Somebody deleted this flow")
    gone.get_by_role("button", name="Save it as a new flow").click()
    expect(gone).to_have_count(0)
    expect(page).not_to_have_url(f"{asking.office.server.url}/flows/{asking.flow}")
    assert texts(asking.office, page.url.rsplit("/", 1)[1]) == [None, "Tea?", "On its way."]


def test_what_the_server_refuses_says_why_and_is_undone(asking: Studio, page: Page) -> None:
    notes = [{"id": f"n{at}", "text": "Mind the gap", "x": at * 8, "y": 400} for at in range(201)]
    paste(page, json.dumps({"kind": "postdog/steps", "notes": notes}))
    refused = page.get_by_role("alert").filter(has_text="This can’t be saved as it is")
    expect(refused).to_contain_text("Notes: must have at most 200 entries")
    refused.get_by_role("button", name="Undo the last change").click()
    expect(refused).to_have_count(0)
    assert asking.saved().get("notes") == []


def test_a_draft_of_a_newer_release_is_shown_and_left_as_it_is(page: Page, office: Office) -> None:
    sign_in(page, office)
    flow = office.flow("Newer", ASKING)
    newer = {**ASKING, "schema": 2, "moods": ["good"]}
    office.kill()
    with sqlite3.connect(office.server.database) as database:
        database.execute("UPDATE flow SET draft = ? WHERE name = 'Newer'", (json.dumps(newer),))
    office.start()
    studio = Studio(page, office, flow)
    expect(studio.steps).to_have_count(3)
    expect(page.get_by_role("alert")).to_contain_text("A newer release of PostDog made this flow")
    expect(page.get_by_text("Read only")).to_be_visible()
    studio.card("Good").click(position={"x": 60, "y": 20})
    page.keyboard.press("Delete")
    expect(studio.steps).to_have_count(3)
    assert office.document(flow) == newer


def test_a_draft_that_leaves_lists_out_opens(page: Page, office: Office) -> None:
    sign_in(page, office)
    studio = Studio(page, office, office.flow("Sparse", {"schema": 1, "name": "Sparse", "nodes": ASKING["nodes"]}))
    expect(studio.steps).to_have_count(3)


def test_of_a_broken_clipboard_only_what_is_right_is_pasted(asking: Studio, page: Page) -> None:
    good = {"id": "a", "type": "send_message", "config": {"text": "Pasted"}}
    odd = {"id": "b", "type": "send_message", "label": {"a": 1}, "config": {"text": {"x": [1]}, "buttons": "no"}, "future": 1}
    nodes = [good, odd, good, {"id": "c d", "type": "wait"}, {"id": "e", "type": "<b>"}, None, 7]
    edges = [{"from": "a", "port": "next", "to": "b"}, {"from": "a", "port": "a port", "to": "b"}, {"from": "a"}]
    layout = {"a": {"x": 1e300, "y": None}, "b": "here"}
    clip = {"kind": "postdog/steps", "nodes": nodes, "edges": edges, "layout": layout, "variables": [{"name": 1}]}
    paste(page, json.dumps(clip))
    expect(asking.steps).to_have_count(5)
    saved = asking.saved()
    assert [node.get("config") for node in saved["nodes"][3:]] == [good["config"], odd["config"]]
    assert len(saved["edges"]) == 3
    page.keyboard.press("Control+z")
    assert asking.saved()["nodes"] == ASKING["nodes"]


def test_a_file_of_five_megabytes_is_refused_in_words_and_one_of_two_opens(page: Page, office: Office) -> None:
    def chosen(letters: int) -> None:
        nodes = [{"id": f"n{at}", "type": "send_message", "config": {"text": "x" * letters}} for at in range(900)]
        body = json.dumps({"schema": 1, "name": "Large", "nodes": nodes, "edges": []}).encode()
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="Import a file").click()
        chooser.value.set_files({"name": "large.json", "mimeType": "application/json", "buffer": body})

    sign_in(page, office)
    page.goto(f"{office.server.url}/flows")
    page.get_by_role("button", name="New flow").click()
    chosen(5_400)
    expect(page.get_by_text("This flow has 4.9 MB; 2 MB at most are taken. Split it into several flows.")).to_be_visible()
    chosen(2_000)
    expect(page.locator(".react-flow__node-step").first).to_be_visible()
    expect(page.get_by_label("Name of the flow")).to_have_value("Large")


def test_both_changes_of_a_list_are_shown_and_ones_own_can_stand(asking: Studio, page: Page) -> None:
    office = asking.office
    asking.select("Ask")
    page.context.set_offline(True)
    page.get_by_label("Button 1").or_(page.get_by_label("Title")).first.fill("Please")
    expect(page.get_by_role("status")).to_contain_text("Not saved")
    document = json.loads(json.dumps(ASKING))
    document["nodes"][1]["config"]["buttons"][0]["title"] = "Sure"
    address = f"{office.server.url}/v1/flows/{asking.flow}"
    headers = {"If-Match": page.request.get(address).headers["etag"], "Origin": office.server.url}
    assert page.request.put(address, data={"document": document}, headers=headers).ok
    page.context.set_offline(False)
    clash = page.get_by_role("alert").filter(has_text="Somebody else changed “Ask” too")
    expect(clash).to_contain_text("Buttons, Please, Title: “Yes” → “Please”")
    expect(clash).to_contain_text("Buttons, Sure, Title: “Yes” → “Sure”")
    clash.get_by_role("button", name="Keep yours").click()
    expect(clash).to_have_count(0)
    assert asking.saved()["nodes"][1]["config"]["buttons"][0]["title"] == "Please"
