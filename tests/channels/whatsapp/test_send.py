"""Sends against the fake Graph server: every kind accepted, every refusal with its remedy, every lost answer told as lost."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from channels.error import ProviderRefused
from channels.protocol import Checkable
from engine.runtime.protocol import Accepted, CallFailed, Lost, Outgoing, Refused
from schemas.contact import Identity
from schemas.content import Button, Buttons, Content, Location, Menu, Reaction, Row, Section, TemplateMessage, Text, Unsupported
from tests.channels.whatsapp.sample import BSUID, TO, WA_ID, Connected, connected, on
from tests.fakes.graph.client import FakeGraph
from tests.fakes.graph.settings import Settings

OFFER = {
    "name": "offer",
    "language": "en_US",
    "components": [
        {"type": "HEADER", "format": "TEXT", "text": "{{1}}"},
        {"type": "BODY", "text": "Hi {{1}}, {{2}} is yours."},
        {
            "type": "BUTTONS",
            "buttons": [{"type": "URL", "url": "https://a.example/{{1}}"}, {"type": "QUICK_REPLY", "text": "No"}],
        },
    ],
}
KINDS: dict[str, Content] = {
    "text": Text("Grüße, see https://a.example 👋"),
    "buttons": Buttons("Which?", (Button("a", "A"), Button("b", "B"), Button("c", "C")), header="Shop", footer="Fresh"),
    "list": Menu("Which?", "Choose", (Section((Row("a", "A", "first"), Row("b", "B")), "All"),), header="Shop", footer="Fresh"),
    "location": Location(48.1, 11.5, "Munich", "Marienplatz"),
    "reaction": Reaction("👍", "wamid.7"),
    "reaction taken away": Reaction("", "wamid.7"),
    "template": TemplateMessage("offer", "en_US", ("Ann", "7"), header=("Sale",), buttons={"0": "7", "1:quick_reply": "no"}),
}


def out(content: Content | None = None, *, id: int = 42, to: tuple[Identity, ...] = TO, reply_to: str = "") -> Outgoing:
    return Outgoing(id, f"1:1:{id}", content or Text("Hi"), to, reply_to)


@pytest.mark.parametrize("name", KINDS)
async def test_every_kind_is_accepted(name: str, graph: FakeGraph, whatsapp: Connected) -> None:
    await graph.rules(templates=[OFFER])
    outcome = await whatsapp.channel.send(out(KINDS[name], reply_to="wamid.5"))
    assert isinstance(outcome, Accepted), outcome
    (sent,) = await graph.sent()
    assert (sent["id"], sent["key"], sent["recipient"]) == (outcome.provider_id, "42", WA_ID)


async def test_the_answer_teaches_the_wa_id_of_a_dialled_number(graph: FakeGraph, whatsapp: Connected) -> None:
    await graph.recipient("5531988888888", wa_id="553188888888")
    await graph.recipient("553188888888", bsuid=BSUID)
    outcome = await whatsapp.channel.send(out(to=(Identity("phone", "+5531988888888"),)))
    assert isinstance(outcome, Accepted)
    assert outcome.identities == (Identity("whatsapp", "553188888888"), Identity("bsuid", BSUID))


async def test_a_person_without_a_phone_is_reached(graph: FakeGraph, whatsapp: Connected) -> None:
    outcome = await whatsapp.channel.send(out(to=(Identity("bsuid", BSUID),)))
    assert isinstance(outcome, Accepted)
    assert outcome.identities == (Identity("bsuid", BSUID),)
    assert (await graph.sent())[0]["recipient"] == BSUID


async def test_nothing_is_sent_to_nobody_or_of_nothing(graph: FakeGraph, whatsapp: Connected) -> None:
    nobody = await whatsapp.channel.send(out(to=(Identity("email", "a@example.com"),)))
    nothing = await whatsapp.channel.send(out(Unsupported("order", {})))
    assert (nobody.code, nobody.remedy) == ("no_address", "never")  # type: ignore[union-attr]
    assert (nothing.code, nothing.remedy) == ("cannot_render", "never")  # type: ignore[union-attr]
    assert not await graph.requests()


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        (131000, "retry"),
        (131057, "retry"),
        (130429, "throttle_channel"),
        (4, "throttle_channel"),
        (131056, "throttle_contact"),
        (131047, "window_closed"),
        (131026, "never"),
        (131048, "never"),
        (190, "channel_broken"),
        (131042, "channel_broken"),
    ],
)
async def test_a_refusal_has_its_remedy(code: int, remedy: str, graph: FakeGraph, whatsapp: Connected) -> None:
    await graph.fault(code=code)
    outcome = await whatsapp.channel.send(out())
    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.remedy) == (str(code), remedy)
    assert outcome.detail
    assert isinstance(await whatsapp.channel.send(out()), Accepted)


async def test_metas_own_throttles(graph: FakeGraph, whatsapp: Connected) -> None:
    await graph.rules(pair_burst=1)
    assert isinstance(await whatsapp.channel.send(out()), Accepted)
    assert (await whatsapp.channel.send(out())).remedy == "throttle_contact"  # type: ignore[union-attr]
    await graph.rules(pair_burst=0, number_rate=1)
    assert isinstance(await whatsapp.channel.send(out()), Accepted)
    assert (await whatsapp.channel.send(out())).remedy == "throttle_channel"  # type: ignore[union-attr]


async def test_a_wrong_token_breaks_the_channel_and_is_not_told(graph: FakeGraph) -> None:
    async with on(graph, access_token="EAAG-very-secret") as made:
        outcome = await made.channel.send(out())
        health = await made.channel.check()
        shown = f"{outcome!r} {health!r} {made.channel!r} {made.channel.client!r} {made.channel.client.config!r}"
    assert (outcome.code, outcome.remedy) == ("190", "channel_broken")  # type: ignore[union-attr]
    assert "access token" in health.problem
    assert "EAAG" not in shown
    assert "app-secret" not in shown
    assert "our words" not in shown


async def test_a_strange_code_is_worth_two_tries(graph: FakeGraph, whatsapp: Connected) -> None:
    await graph.fault(code=135000, count=4)
    remedies = [(await whatsapp.channel.send(out())).remedy for _ in range(2)]  # type: ignore[union-attr]
    assert remedies == ["retry", "never"]
    assert (await whatsapp.channel.send(out(id=43))).remedy == "retry"  # type: ignore[union-attr]


# --- answers that don't come -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("mode", ["timeout_before", "drop_before", "accept_then_hang", "accept_then_drop"])
async def test_no_answer_is_ambiguous(mode: str, graph: FakeGraph, whatsapp: Connected) -> None:
    await graph.fault(mode)
    outcome = await whatsapp.channel.send(out())
    assert isinstance(outcome, Lost)
    assert len(await graph.sent()) == ("accept" in mode)


async def test_nothing_left_when_nobody_listens(graph: FakeGraph, unused_tcp_port: int) -> None:
    async with connected(f"http://127.0.0.1:{unused_tcp_port}") as made:
        outcome = await made.channel.send(out())
        assert "could not be reached" in (await made.channel.check()).problem
    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.remedy) == ("unreachable", "retry")


async def test_nothing_left_when_the_name_is_unknown() -> None:
    async with connected("http://graph.invalid") as made:
        outcome = await made.channel.send(out())
    assert (outcome.code, outcome.remedy) == ("unreachable", "retry")  # type: ignore[union-attr]


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_a_gateways_page_was_no_acceptance(status: int, graph: FakeGraph, whatsapp: Connected) -> None:
    await graph.fault(code=None, http_status=status)
    outcome = await whatsapp.channel.send(out())
    assert (outcome.code, outcome.remedy) == (f"http_{status}", "retry")  # type: ignore[union-attr]


async def test_a_gateway_that_gave_up_waiting_is_ambiguous(graph: FakeGraph, whatsapp: Connected) -> None:
    await graph.fault(code=None, http_status=504)
    assert isinstance(await whatsapp.channel.send(out()), Lost)


@asynccontextmanager
async def odd_graph(answer: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> AsyncIterator[Connected]:
    """A Graph that answers everything in this way."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        async with connected(f"http://127.0.0.1:{runner.addresses[0][1]}") as made:
            yield made
    finally:
        await runner.cleanup()


async def page(_: web.Request) -> web.Response:
    return web.Response(text="<html>ok</html>")


async def empty(_: web.Request) -> web.Response:
    return web.json_response({"messaging_product": "whatsapp", "messages": []})


async def huge(_: web.Request) -> web.Response:
    return web.Response(body=b'{"a":"' + b"x" * 2_000_000 + b'"}')


async def broken_off(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse(headers={"Content-Length": "100"})
    await answer.prepare(request)
    await answer.write(b'{"messages":')
    assert request.transport is not None
    request.transport.close()
    return answer


@pytest.mark.parametrize("answer", [page, empty, huge, broken_off])
async def test_a_200_that_says_nothing_is_ambiguous(answer: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> None:
    async with odd_graph(answer) as made:
        assert isinstance(await made.channel.send(out()), Lost)


async def test_a_redirect_is_not_followed() -> None:
    seen: list[str] = []

    async def redirect(request: web.Request) -> web.Response:
        seen.append(request.path)
        return web.Response(status=302, headers={"Location": "/elsewhere"})

    async with odd_graph(redirect) as made:
        outcome = await made.channel.send(out())
    assert (outcome.code, outcome.remedy) == ("http_302", "channel_broken")  # type: ignore[union-attr]
    assert len(seen) == 1


async def test_the_provider_says_how_long_to_wait() -> None:
    async def busy(_: web.Request) -> web.Response:
        return web.json_response({"error": {"code": 80007, "message": "slow"}}, status=429, headers={"Retry-After": "7"})

    async with odd_graph(busy) as made:
        outcome = await made.channel.send(out())
    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.remedy, outcome.after) == ("80007", "throttle_channel", 7.0)
    assert outcome.detail.startswith("slow. This number sends faster than Meta allows.")


# --- calls, health, templates ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("typing", [False, True])
async def test_mark_read(typing: bool, graph: FakeGraph, whatsapp: Connected) -> None:
    await whatsapp.channel.call("mark_read", {"message_id": "wamid.7", "typing": typing})
    (request,) = await graph.requests()
    dots = {"typing_indicator": {"type": "text"}} if typing else {}
    assert request["body"] == {"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.7", **dots}
    assert request["http_status"] == 200


async def test_a_read_mark_is_tried_once(graph: FakeGraph, whatsapp: Connected) -> None:
    with pytest.raises(CallFailed) as caught:
        await whatsapp.channel.call("mark_read", {"message_id": "nonsense"})
    assert not caught.value.again
    with pytest.raises(CallFailed, match="knows no work"):
        await whatsapp.channel.call("dance", {})


async def test_health(whatsapp: Connected) -> None:
    assert isinstance(whatsapp.channel, Checkable)
    health = await whatsapp.channel.check()
    assert (health.name, health.address, health.quality) == ("Lucky Shrub", "+15550783881", "GREEN")
    assert (health.limit, health.status, health.problem) == ("TIER_250", "CONNECTED", "")


async def test_another_number_is_a_problem(graph: FakeGraph) -> None:
    async with on(graph, phone_number_id="999") as made:
        assert "does not exist" in (await made.channel.check()).problem
        assert (await made.channel.send(out())).remedy == "channel_broken"  # type: ignore[union-attr]


async def test_templates_are_listed_created_and_deleted(graph: FakeGraph, whatsapp: Connected) -> None:
    await graph.rules(templates=[{"name": f"t{n:03}", "language": "en"} for n in range(230)])
    client = whatsapp.channel.client
    made = await client.create_template(
        {"name": "welcome", "language": "en", "category": "UTILITY", "components": [{"type": "BODY", "text": "Hi"}]}
    )
    assert made["status"] == "PENDING"
    names = [item["name"] for item in await client.templates()]
    assert len(names) == len(set(names)) == 232
    await client.delete_template("welcome")
    assert len(await client.templates()) == 231
    with pytest.raises(ProviderRefused, match="lower case") as caught:
        await client.create_template({"name": "No!", "language": "en", "category": "UTILITY", "components": []})
    assert caught.value.reason == "100"


async def test_templates_need_the_account(graph: FakeGraph) -> None:
    async with on(graph, business_account_id="") as made:
        with pytest.raises(ProviderRefused, match="account ID"):
            await made.channel.client.templates()


async def test_many_at_once(whatsapp: Connected) -> None:
    outcomes = await asyncio.gather(*(whatsapp.channel.send(out(id=n)) for n in range(1, 31)))
    assert all(isinstance(outcome, Accepted) for outcome in outcomes)


async def test_the_fake_is_a_process_too() -> None:
    async with FakeGraph.process(Settings()) as graph, on(graph) as made:
        assert isinstance(await made.channel.send(out()), Accepted)
