"""Out to the fake Graph and back by its webhooks: batched, twice, in any order, each status still finds its message."""

from aiohttp import web

from channels.whatsapp.hook import verify
from channels.whatsapp.parse import parse
from engine.runtime.protocol import Accepted, Outgoing
from schemas.content import Text
from schemas.event import StatusReported
from tests.channels.whatsapp.sample import CHANNEL, NOW, TO, on
from tests.fakes.graph.client import FakeGraph
from tests.fakes.graph.settings import WILD, Settings


async def test_statuses_find_their_messages() -> None:
    bodies: list[bytes] = []
    count = 20

    async def take(request: web.Request) -> web.Response:
        body = await request.read()
        verify(request.headers, body, channel_config)
        bodies.append(body)
        return web.Response()

    app = web.Application()
    app.router.add_post("/hook", take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        async with FakeGraph.in_process(Settings(hook_url=url, chaos=WILD, seed=1)) as graph, on(graph) as made:
            await graph.rules(chaos={"early": 0.1, "twice": 0.3, "disorder": 0.4, "batch": 0.7})
            channel_config = made.channel.client.config
            answers = [await made.channel.send(Outgoing(n, f"1:1:{n}", Text(f"{n}"), TO)) for n in range(1, count + 1)]
            assert await graph.settled()
    finally:
        await runner.cleanup()
    wamids = {answer.provider_id: n for n, answer in enumerate(answers, 1) if isinstance(answer, Accepted)}
    assert len(wamids) == count
    reports = [event for body in bodies for event in parse(body, CHANNEL, NOW).events]
    told = {event.body for event in reports if isinstance(event.body, StatusReported)}
    assert {(report.message, report.status) for report in told} == {
        (n, status) for n in wamids.values() for status in ("sent", "delivered", "read")
    }
    assert all(wamids[report.provider_id] == report.message for report in told)
    assert len(reports) > len({event.external_id for event in reports}) == 3 * count
