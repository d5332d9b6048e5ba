"""A toy application with every feature of the HTTP layer; the other tests here drive it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from pydantic import Field

from api.http.app import Hooks, create_http_app
from api.http.auth import Principal
from api.http.endpoint import HttpServices
from api.http.etag import etag_of
from api.http.model import IdOf, Input, Instant, Output, Phone
from api.http.page import Page, PageQuery, page_of
from api.http.profile import COMPAT, NATIVE
from api.http.rate import RatePolicy
from api.http.request import Answer, Request, Response
from api.http.route import Route
from schemas.error import NotFound, PlanLimit, Refused

START = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)
KEY = {"Authorization": "Bearer pd_live_owner"}


class CreateNote(Input):
    text: Annotated[str, Field(min_length=1, max_length=200, examples=["Call back"])]
    to: Phone | None = None
    stars: Annotated[int, Field(ge=0, le=5)] = 0
    lines: tuple[Line, ...] = ()


class Line(Input):
    kind: Literal["a", "b"]


class ChangeNote(Input):
    text: Annotated[str, Field(min_length=1, max_length=200)]


class ListNotes(PageQuery):
    tag: tuple[Annotated[str, Field(max_length=20)], ...] = ()
    since: Instant | None = None


class Note(Output):
    id: Annotated[int, IdOf("ct")]
    text: str
    to: Phone | None
    stars: int


class Told(Output):
    """What the server saw of a request."""

    tenant: int | None
    now: datetime


class NoSuchNote(NotFound):
    """There is no such note."""

    code = "note_not_found"


@dataclass
class Notes:
    """The toy's handlers and their state."""

    notes: dict[int, Note] = field(default_factory=dict)
    created: int = 0

    async def create_note(self, request: Request[CreateNote]) -> Note:
        """Write a note."""
        if request.body.text == "limit":
            raise PlanLimit
        await asyncio.sleep(0)
        self.created += 1
        note = Note(id=self.created, text=request.body.text, to=request.body.to, stars=request.body.stars)
        self.notes[note.id] = note
        return note

    async def list_notes(self, request: Request[None, ListNotes]) -> Page[Note]:
        """List the notes.

        The newest comes last.
        """
        entries = list(self.notes.values())
        start = request.query.offset
        return page_of(Note, entries[start : start + request.query.limit], len(entries), request.query)

    def find(self, number: int) -> Note:
        if number not in self.notes:
            raise NoSuchNote
        return self.notes[number]

    async def get_note(self, request: Request) -> Answer[Note]:
        """Read a note."""
        note = self.find(request.id("note"))
        return Answer(note, etag=etag_of(note.id, note.text))

    async def change_note(self, request: Request[ChangeNote]) -> Answer[Note]:
        """Change a note."""
        note = self.find(request.id("note"))
        request.require_match(etag_of(note.id, note.text))
        self.notes[note.id] = note.model_copy(update={"text": request.body.text})
        return Answer(self.notes[note.id], etag=etag_of(note.id, request.body.text))

    async def delete_note(self, request: Request) -> None:
        """Delete a note."""
        self.notes.pop(self.find(request.id("note")).id)

    async def tell(self, request: Request) -> Told:
        """Say who asks."""
        return Told(tenant=request.who.tenant if request.who else None, now=request.now)

    async def poke(self, request: Request[ChangeNote | None]) -> Told:
        """Poke, perhaps with a note."""
        return Told(tenant=None if request.body is None else request.tenant, now=request.now)

    async def label(self, request: Request) -> Response:
        """Give a label as text."""
        return web.Response(text=request.name("label"))

    async def upload(self, request: Request) -> Told:
        """Take a file."""
        data = await request.raw.read()
        return Told(tenant=len(data), now=request.now)

    async def hang(self, request: Request) -> None:
        """Never end."""
        await asyncio.Event().wait()

    async def fail(self, request: Request) -> None:
        """Fail."""
        self.created += 1
        raise RuntimeError("the secret cause")

    def routes(self) -> tuple[Route, ...]:
        tags = ("Notes",)
        return (
            Route("POST", "/notes", self.create_note, tags, status=201, scope="notes:write", errors=(PlanLimit,)),
            Route("GET", "/notes", self.list_notes, tags, scope="notes:read"),
            Route("GET", "/notes/{note:ct}", self.get_note, tags, scope="notes:read", errors=(NoSuchNote,)),
            Route("PATCH", "/notes/{note:ct}", self.change_note, tags, scope="notes:write", if_match=True),
            Route("DELETE", "/notes/{note:ct}", self.delete_note, tags, roles=("owner",)),
            Route("GET", "/labels/{label}", self.label, ("Other",), produces="text/plain"),
            Route("POST", "/poke", self.poke, ("Other",)),
            Route("GET", "/healthz", self.tell, ("Other",), public=True, profiles=()),
        )

    def odd_routes(self) -> tuple[Route, ...]:
        """Routes that misbehave or that one profile lacks; not part of the generated tests."""
        return (
            Route("POST", "/required", replace_name(self.create_note), idempotency="required", profiles=(NATIVE,)),
            Route("POST", "/small", replace_name(self.create_note, "small"), body_limit=64, profiles=(COMPAT,)),
            Route("POST", "/upload", self.upload, body_limit=4 * 1024 * 1024, consumes=("image/png",)),
            Route("POST", "/hang", self.hang, timeout=0.02),
            Route("POST", "/fail", self.fail),
        )


def replace_name(handler, name: str = "required"):
    async def renamed(request: Request[CreateNote]) -> Note:
        """Write a note in another place."""
        note: Note = await handler(request)
        return note

    renamed.__name__ = name
    return renamed


OWNER = Principal(1, "owner")
PEOPLE = {
    "pd_live_owner": OWNER,
    "pd_live_other": Principal(2, "other"),
    "pd_live_reader": Principal(1, "reader", frozenset({"notes:read"}), role="agent"),
    "pd_live_slow": replace(OWNER, key_id="slow", policies=(RatePolicy("default", 60, 60, burst=2),)),
}


async def people(key: str) -> Principal | None:
    if key == "pd_live_suspended":
        raise Refused("This account is suspended.")
    return PEOPLE.get(key)


@dataclass
class Toy:
    """The running toy: its client, its state, and the clock to turn."""

    client: TestClient
    notes: Notes
    at: datetime = START

    def pass_time(self, **duration: float) -> None:
        self.at += timedelta(**duration)


@asynccontextmanager
async def toy(hooks: Hooks | None = None) -> AsyncIterator[Toy]:
    notes = Notes()
    running = Toy(None, notes)  # type: ignore[arg-type]
    services = HttpServices(people, now=lambda: running.at)
    app = create_http_app((*notes.routes(), *notes.odd_routes()), services, hooks=hooks)
    async with TestClient(TestServer(app)) as client:
        running.client = client
        yield running


async def test_both_mounts_do_the_same_and_render_differently():
    async with toy() as it:
        body = {"text": "hi", "to": "+4930123456"}
        native = await it.client.post("/v1/notes", json=body, headers=KEY)
        compat = await it.client.post("/api/v1/notes", json={**body, "to": "4930123456"}, headers=KEY)
        assert (native.status, compat.status) == (201, 201)
        assert await native.json() == {"id": "ct_1", "text": "hi", "to": "+4930123456", "stars": 0}
        assert await compat.json() == {"id": 2, "text": "hi", "to": "4930123456", "stars": 0}
        for path in ("/v1/notes/ct_2", "/v1/notes/2", "/api/v1/notes/ct_2"):
            assert (await (await it.client.get(path, headers=KEY)).json())["text"] == "hi"


async def test_a_route_may_live_on_one_mount_or_on_none():
    async with toy() as it:
        assert (await it.client.post("/api/v1/required", headers=KEY)).status == 404
        assert (await it.client.post("/v1/small", headers=KEY)).status == 404
        assert await (await it.client.get("/healthz")).json() == {"tenant": None, "now": "2026-04-01T09:00:00Z"}


async def test_the_hooks_run_in_order():
    seen: list[str] = []

    def hook(name: str):
        async def run() -> None:
            seen.append(name)

        return run

    async with toy(Hooks((hook("started"),), (hook("stopping"),), (hook("stopped"),))):
        assert seen == ["started"]
    assert seen == ["started", "stopping", "stopped"]
