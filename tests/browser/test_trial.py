"""Call API is tried from its form: samples, the answer, parts of it kept by a click, an example for tests, secrets by name."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest
from playwright.sync_api import Page, expect

from tests.browser.studio import Office, Studio, open_office, sign_in

SECRET = "tok-3f9a77b1c0de"


class Slots(BaseHTTPRequestHandler):
    """Somebody's API: answers with slots, and remembers what it was asked."""

    asked: ClassVar[list[tuple[str, str]]] = []

    def do_GET(self) -> None:
        self.asked.append((self.path, self.headers.get("Authorization", "")))
        body = b'{"slots": [{"id": "s1", "free": true}], "total": 3}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def slots() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Slots)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with open_office(tmp_path_factory.mktemp("trial"), POSTDOG_CALL_ALLOW="127.0.0.1/32") as opened:
        yield opened


def studio(page: Page, office: Office, **config: Any) -> Studio:
    sign_in(page, office)
    step = {"id": "it", "type": "call_api", "label": "It", "config": config}
    document = {"schema": 1, "name": "Trial", "nodes": [step], "edges": [], "variables": [{"name": "day"}]}
    opened = Studio(page, office, office.flow("Trial", document))
    opened.select("It")
    return opened


def test_a_call_is_tried_and_what_came_back_is_kept_by_a_click(page: Page, office: Office, slots: str) -> None:
    office.ask("PUT", "/v1/secrets/BOOKING", {"value": SECRET})
    it = studio(page, office, url=f"{slots}/free?day={{{{day}}}}", headers={"Authorization": ""})

    page.get_by_role("textbox", name="What Authorization takes").fill("Bearer ")
    page.get_by_role("textbox", name="What Authorization takes").press_sequentially("{{")
    page.get_by_role("combobox", name="Insert a variable").fill("booking")
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="What Authorization takes")).to_have_value("Bearer {{secret.BOOKING}}")

    it.panel.get_by_role("button", name="Try it").click()
    trial = page.get_by_role("region", name="Try it")
    trial.get_by_role("textbox", name="Day").fill("5 May")
    assert Slots.asked == [], "nothing is called before somebody says so"
    trial.get_by_role("button", name="Make the call").click()
    expect(trial.get_by_text("200", exact=True)).to_be_visible()
    expect(trial.get_by_text("goes on by “Answered”")).to_be_visible()
    assert Slots.asked == [("/free?day=5%20May", f"Bearer {SECRET}")]

    trial.get_by_role("button", name="Keep body.slots[0].id").click()
    expect(page.get_by_role("textbox", name="What id takes")).to_have_value("body.slots[0].id")
    trial.get_by_role("button", name="Keep as an example for tests").click()
    trial.get_by_role("button", name="Make the call").click()
    expect(trial.get_by_label("What is kept")).to_have_text("ids1")
    saved = it.saved()["nodes"][0]["config"]
    assert saved["save"] == {"id": "body.slots[0].id"}
    assert [(each["name"], each["status"]) for each in saved["examples"]] == [("As it answered", 200)]
    assert SECRET not in page.content()


def test_what_is_wrong_with_the_step_is_said_before_anything_is_called(page: Page, office: Office, slots: str) -> None:
    before = len(Slots.asked)
    it = studio(page, office, url=slots, send="json", json="{")
    it.panel.get_by_role("button", name="Try it").click()
    trial = page.get_by_role("region", name="Try it")
    expect(trial.get_by_role("alert")).to_contain_text("JSON")
    expect(trial.get_by_role("button", name="Make the call")).to_have_count(0)
    assert len(Slots.asked) == before
