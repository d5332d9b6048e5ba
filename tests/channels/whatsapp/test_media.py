"""Files up and down: uploaded once, known again, uploaded anew when forgotten; fetched with the token, from Meta only."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from channels.outside import PublicResolver, fetch_file, public_session
from channels.whatsapp.client import Trouble
from channels.whatsapp.hook import verify
from channels.whatsapp.limits import MIB, media_problem
from channels.whatsapp.parse import parse
from engine.runtime.protocol import Accepted, CallFailed, Outgoing, Refused
from schemas.content import Button, Buttons, Content, Media, MediaKind, TemplateMessage
from schemas.event import MessageReceived
from tests.channels.whatsapp.sample import CHANNEL, NOW, NUMBER_ID, TO, WA_ID, Connected, connected
from tests.fakes.graph.client import FakeGraph

PNG = b"\x89PNG-bytes"
MIMES: dict[MediaKind, str] = {
    "image": "image/png",
    "video": "video/mp4",
    "audio": "audio/ogg",
    "document": "application/pdf",
    "sticker": "image/webp",
}


def out(content: Content, id: int = 42) -> Outgoing:
    return Outgoing(id, f"1:1:{id}", content, TO)


async def uploads(graph: FakeGraph) -> int:
    return sum(request["path"].endswith("/media") for request in await graph.requests())


@asynccontextmanager
async def files(answers: dict[str, web.Response]) -> AsyncIterator[tuple[str, list[str]]]:
    """A web server with these files; its address by name, and the paths that were asked for."""
    asked: list[str] = []

    async def serve(request: web.Request) -> web.Response:
        asked.append(request.path)
        made = answers.get(request.path)
        return (
            web.Response(status=404) if made is None else web.Response(body=made.body, status=made.status, headers=made.headers)
        )

    app = web.Application()
    app.router.add_get("/{path:.*}", serve)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://localhost:{runner.addresses[0][1]}", asked
    finally:
        await runner.cleanup()


@pytest.mark.parametrize("kind", MIMES)
async def test_every_kind_of_file_is_uploaded_and_sent(kind: MediaKind, graph: FakeGraph, whatsapp: Connected) -> None:
    whatsapp.store.put("med_1", b"bytes", MIMES[kind], "a.bin")
    outcome = await whatsapp.channel.send(out(Media(kind, media="med_1", caption="A", voice=kind == "audio")))
    assert isinstance(outcome, Accepted), outcome
    (sent,) = await graph.sent()
    assert sent["body"][kind]["id"] == whatsapp.store.uploads[(7, "med_1")][0]


async def test_a_file_is_uploaded_once_in_its_life(graph: FakeGraph, whatsapp: Connected) -> None:
    whatsapp.store.put("med_1", PNG, "image/png")
    picture = Media("image", media="med_1")
    for number in range(3):
        assert isinstance(await whatsapp.channel.send(out(picture, number)), Accepted)
    assert await uploads(graph) == 1
    whatsapp.clock.at += timedelta(days=29, hours=13)  # within the margin before its 30 days are over
    assert isinstance(await whatsapp.channel.send(out(picture)), Accepted)
    assert await uploads(graph) == 2


async def test_headers_of_buttons_and_templates_are_uploaded(graph: FakeGraph, whatsapp: Connected) -> None:
    whatsapp.store.put("med_1", PNG, "image/png")
    header = Media("image", media="med_1")
    parts: list[dict[str, Any]] = [{"type": "HEADER", "format": "IMAGE"}, {"type": "BODY", "text": "Hi"}]
    await graph.rules(templates=[{"name": "bill", "language": "en", "components": parts}])
    assert isinstance(await whatsapp.channel.send(out(Buttons("?", (Button("a", "A"),), header_media=header))), Accepted)
    assert isinstance(await whatsapp.channel.send(out(TemplateMessage("bill", "en", header_media=header))), Accepted)
    assert await uploads(graph) == 1


async def test_a_forgotten_file_is_uploaded_again_once(graph: FakeGraph, whatsapp: Connected) -> None:
    whatsapp.store.put("med_1", PNG, "image/png")
    whatsapp.store.uploads[(7, "med_1")] = ("123", whatsapp.clock.at + timedelta(days=9))
    stale = await whatsapp.channel.send(out(Media("image", media="med_1")))
    assert (stale.code, stale.remedy) == ("131009", "retry")  # type: ignore[union-attr]
    assert isinstance(await whatsapp.channel.send(out(Media("image", media="med_1"))), Accepted)
    assert await uploads(graph) == 1
    await graph.fault(code=131053, count=2)
    outcomes = [await whatsapp.channel.send(out(Media("image", media="med_1"), 43)) for _ in range(2)]
    assert [outcome.remedy for outcome in outcomes] == ["retry", "never"]  # type: ignore[union-attr]
    assert await uploads(graph) == 2


async def test_a_slow_upload_goes_on_beside_the_sender(graph: FakeGraph, whatsapp: Connected) -> None:
    whatsapp.store.put("med_1", PNG, "image/png")
    whatsapp.channel.files.patience_s = 0.0
    picture = Media("image", media="med_1")
    first, second = await asyncio.gather(*(whatsapp.channel.send(out(picture, number)) for number in (1, 2)))
    assert (first.code, first.remedy, first.after) == ("uploading", "retry", 2.0)  # type: ignore[union-attr]
    assert second == first
    await asyncio.wait(whatsapp.channel.files.running.values())
    whatsapp.channel.files.patience_s = 5.0
    assert isinstance(await whatsapp.channel.send(out(picture)), Accepted)
    assert await uploads(graph) == 1


async def test_closing_ends_what_is_under_way(graph: FakeGraph, whatsapp: Connected) -> None:
    whatsapp.store.put("med_1", PNG, "image/png")
    whatsapp.channel.files.patience_s = 0.0
    await whatsapp.channel.send(out(Media("image", media="med_1")))
    await whatsapp.channel.close()
    assert not whatsapp.channel.files.running
    assert not whatsapp.store.uploads


@pytest.mark.parametrize(("code", "remedy"), [(131000, "retry"), (131053, "never"), (190, "channel_broken")])
async def test_an_upload_that_fails(code: int, remedy: str, graph: FakeGraph, whatsapp: Connected) -> None:
    whatsapp.store.put("med_1", PNG, "image/png")
    await graph.fault(code=code, endpoint="media")
    outcome = await whatsapp.channel.send(out(Media("image", media="med_1")))
    assert (outcome.code, outcome.remedy) == (str(code), remedy)  # type: ignore[union-attr]
    assert not await graph.sent()


@pytest.mark.parametrize(
    ("kind", "mime", "size", "words"),
    [
        ("image", "image/gif", 10, "takes no image/gif"),
        ("video", "image/png", 10, "as video"),
        ("image", "image/png", 5 * MIB + 1, "at most 5.0 MB"),
        ("image", "image/png", 0, "empty"),
    ],
)
async def test_a_file_that_whatsapp_cannot_take(
    kind: MediaKind, mime: str, size: int, words: str, graph: FakeGraph, whatsapp: Connected
) -> None:
    assert words in media_problem(kind, mime, size)
    whatsapp.store.put("med_1", b"x" * size, mime)
    outcome = await whatsapp.channel.send(out(Media(kind, media="med_1")))
    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.remedy) == ("media", "never")
    assert words in outcome.detail
    assert not await graph.requests()


async def test_a_file_that_is_gone(whatsapp: Connected) -> None:
    assert await whatsapp.channel.send(out(Media("image", media="med_0"))) == Refused(
        "media", "The file isn't there any more. Upload it again.", "never"
    )


# --- an author's address -----------------------------------------------------------------------------------------------------
async def test_an_address_is_fetched_and_uploaded_once(graph: FakeGraph, whatsapp: Connected) -> None:
    async with files({"/a.png": web.Response(body=PNG, content_type="application/octet-stream")}) as (base, asked):
        for number in range(3):
            assert isinstance(await whatsapp.channel.send(out(Media("image", url=f"{base}/a.png"), number)), Accepted)
    assert asked == ["/a.png"]
    assert await uploads(graph) == 1
    assert all("link" not in sent["body"]["image"] for sent in await graph.sent())


async def test_an_address_that_we_cannot_fetch_is_left_to_meta(graph: FakeGraph, whatsapp: Connected) -> None:
    async with files({}) as (base, _):
        assert isinstance(await whatsapp.channel.send(out(Media("image", url=f"{base}/a.png"))), Accepted)
    assert (await graph.sent())[0]["body"]["image"] == {"link": f"{base}/a.png"}


async def test_fetching_follows_few_redirects_and_is_bounded() -> None:
    moved = web.Response(status=302, headers={"Location": "/b.png"})
    loop = web.Response(status=302, headers={"Location": "/loop"})
    served = {"/a.png": moved, "/b.png": web.Response(body=PNG, content_type="image/png"), "/loop": loop}
    async with files(served) as (base, asked), aiohttp.ClientSession() as session:
        got = await fetch_file(session, f"{base}/a.png", 100)
        assert got is not None
        assert (got.data, got.mime) == (PNG, "image/png")
        assert await fetch_file(session, f"{base}/b.png", len(PNG) - 1) is None
        assert await fetch_file(session, f"{base}/loop", 100) is None
        assert asked.count("/loop") == 4


PRIVATE = ["http://127.0.0.1/x", "http://[::1]/x", "http://169.254.169.254/x", "http://[::ffff:10.0.0.1]/", "file:///x", "x"]


@pytest.mark.parametrize("url", PRIVATE)
async def test_private_addresses_are_not_fetched(url: str) -> None:
    async with public_session() as session:
        assert await fetch_file(session, url, 100) is None


async def test_a_name_that_leads_home_is_not_fetched() -> None:
    async with files({"/a.png": web.Response(body=PNG)}) as (base, asked), public_session() as session:
        assert await fetch_file(session, f"{base}/a.png", 100) is None
    assert not asked
    resolver = PublicResolver()
    with pytest.raises(OSError, match="no public address"):
        await resolver.resolve("localhost", 80)
    await resolver.close()


# --- inbound -----------------------------------------------------------------------------------------------------------------
async def inbound_media(graph: FakeGraph, data: bytes = PNG, mime: str = "image/png") -> str:
    """Meta's id of a file; an upload stands in for what a customer sent."""
    form = aiohttp.FormData({"messaging_product": "whatsapp", "type": mime})
    form.add_field("file", data, filename="x", content_type=mime)
    headers = {"Authorization": "Bearer graph-token"}
    async with graph.session.post(f"{graph.base_url}/v23.0/{NUMBER_ID}/media", data=form, headers=headers) as answer:
        return str((await answer.json())["id"])


async def test_an_inbound_file_comes_into_our_store(graph: FakeGraph, whatsapp: Connected) -> None:
    provider_id = await inbound_media(graph)
    await whatsapp.channel.call("fetch_media", {"provider_id": provider_id, "message": 99})
    kept = whatsapp.store.files[whatsapp.store.attached[99]]
    assert (kept.data, kept.mime, kept.filename) == (PNG, "image/png", f"{provider_id}.png")


@pytest.mark.parametrize(
    ("code", "status", "again"), [(131000, 500, True), (190, 401, True), (131052, 400, False), (130429, 429, True)]
)
async def test_a_download_that_fails(code: int, status: int, again: bool, graph: FakeGraph, whatsapp: Connected) -> None:
    provider_id = await inbound_media(graph)
    await graph.fault(code=code, http_status=status, endpoint="download")
    with pytest.raises(CallFailed) as caught:
        await whatsapp.channel.call("fetch_media", {"provider_id": provider_id, "message": 99})
    assert caught.value.again is again
    assert not whatsapp.store.attached
    await whatsapp.channel.call("fetch_media", {"provider_id": provider_id, "message": 99})
    assert 99 in whatsapp.store.attached


async def test_a_file_that_meta_has_deleted_is_gone_for_good(whatsapp: Connected) -> None:
    with pytest.raises(CallFailed) as caught:
        await whatsapp.channel.call("fetch_media", {"provider_id": "123", "message": 99})
    assert not caught.value.again


async def test_an_address_that_ran_out_is_worth_another_try(graph: FakeGraph, whatsapp: Connected) -> None:
    client = whatsapp.channel.client
    asked = await client.media(await inbound_media(graph))
    assert not isinstance(asked, Trouble)
    await graph.advance(301)
    got = await client.download(asked.data["url"], 100)
    assert isinstance(got, Trouble)
    assert (got.status, got.code) == (404, None)


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/x",
        "https://fbsbx.com.evil.example/x",
        "http://lookaside.fbsbx.com/x",
        "https://evilfbsbx.com/x",
        "https://lookaside.fbsbx.com:8443/x",
        "https://user@evil.example/fbsbx.com",
        "https://[bad",
        "",
    ],
)
async def test_the_token_goes_to_meta_only(url: str, whatsapp: Connected) -> None:
    got = await whatsapp.channel.client.download(url, 100)
    assert got == Trouble("refused", "Meta gave an address that isn't Meta's.", 400, 100)


async def test_a_download_follows_no_redirect() -> None:
    away = web.Response(status=302, headers={"Location": "/elsewhere"})
    async with files({"/a.png": away, "/elsewhere": web.Response(body=PNG)}) as (base, asked), connected(base) as made:
        got = await made.channel.client.download(f"{base}/a.png", 100)
    assert isinstance(got, Trouble)
    assert got.status == 302
    assert asked == ["/a.png"]


async def test_a_download_is_bounded(graph: FakeGraph, whatsapp: Connected) -> None:
    client = whatsapp.channel.client
    asked = await client.media(await inbound_media(graph, b"x" * 5000))
    assert not isinstance(asked, Trouble)
    got = await client.download(asked.data["url"], 4999)
    assert isinstance(got, Trouble)
    assert got.code == 131052
    full = await client.download(asked.data["url"], 5000)
    assert not isinstance(full, Trouble)
    assert len(full.data) == 5000


async def test_what_a_customer_sends_is_parsed_and_fetched(graph: FakeGraph, whatsapp: Connected) -> None:
    """From the hook of the fake to the file in our store."""
    taken: list[bytes] = []

    async def take(request: web.Request) -> web.Response:
        taken.append(await request.read())
        verify(request.headers, taken[-1], whatsapp.channel.client.config)
        return web.Response()

    app = web.Application()
    app.router.add_post("/hook", take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        await graph.rules(hook_url=f"http://127.0.0.1:{runner.addresses[0][1]}/hook")
        picture = {"base64": base64.b64encode(PNG).decode(), "mime_type": "image/png"}
        await graph.inbound(WA_ID, type="image", image={"caption": "Look"}, media=picture)
    finally:
        await runner.cleanup()
    (event,) = parse(taken[0], CHANNEL, NOW).events
    assert isinstance(event.body, MessageReceived)
    assert isinstance(event.body.content, Media)
    assert event.body.content.caption == "Look"
    await whatsapp.channel.call("fetch_media", {"provider_id": event.body.content.provider_id, "message": 99})
    assert whatsapp.store.files[whatsapp.store.attached[99]].data == PNG
