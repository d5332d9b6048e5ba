"""How deliveries go: the schedule, when an address is left alone or switched off, and where none is sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import pytest
from sqlmodel import select

from app import deliver
from app.deliver import ANSWER_BYTES, PAUSE_AFTER, Deliverer
from channels.outside import public_session
from crm.contact_delete import delete_contact
from crm.deliveries import SCHEDULE
from crm.webhooks import OFF_AFTER, change_webhook, create_webhook, get_webhook
from engine.core.decision import Call
from engine.runtime.protocol import CallClaim, CallFailed
from storage.table import ContactRow, DeliveryRow
from tests.api.office import START, office
from tests.integration.receiver import receiving


@dataclass
class HandClock:
    at: datetime = START

    def now(self) -> datetime:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass
class Post:
    """A deliverer over tables in memory, with one webhook and one contact."""

    it: Any
    deliverer: Deliverer
    clock: HandClock

    def claim(self, call: int = 1, attempt: int = 1) -> CallClaim:
        facts = {"webhook": 1, "event": "lead.won", "key": call, "at": START.isoformat(), "contact": 7, "run": 1, "flow": 1,
                 "node": "n", "data": {"n": 1}}  # fmt: skip
        return CallClaim(Call(call, "webhook", 0, facts), 1, attempt)

    async def try_once(self, call: int = 1) -> CallFailed | None:
        try:
            await self.deliverer(self.claim(call))
        except CallFailed as failed:
            return failed
        return None

    async def rows(self) -> list[DeliveryRow]:
        return list(await self.it.store.read(lambda session: list(session.exec(select(DeliveryRow)))))

    async def webhook(self) -> Any:
        return await self.it.store.read(lambda session: get_webhook(session, 1, 1))


@asynccontextmanager
async def post(url: str, private: bool = True) -> AsyncIterator[Post]:
    clock = HandClock()
    async with office() as it, (aiohttp.ClientSession() if private else public_session()) as session:
        await it.store.write(
            lambda tables: create_webhook(tables, 1, url, ["*"], it.services.secrets, bytes(32), START, plain_http=True)
        )
        contact = ContactRow(id=7, tenant=1, part=0, version=1, name="Ann", created_at=START, updated_at=START)
        await it.store.write(lambda tables: tables.add(contact))
        services = it.services
        yield Post(it, Deliverer(it.store, services.worlds, services.secrets, clock, lambda: session, private=private), clock)


async def test_a_notification_is_tried_eleven_times_with_the_same_body_then_given_up() -> None:
    async with receiving(answers=[500] * 20) as system, post(system.url) as it:
        waits = []
        for _ in range(len(SCHEDULE) + 1):
            failed = await it.try_once()
            assert failed is not None
            waits.append(timedelta(seconds=failed.after) if failed.again and failed.after else None)
            it.clock.at += waits[-1] or timedelta(0)
        assert waits == [*SCHEDULE, None]
        assert timedelta(hours=23) < sum(SCHEDULE, timedelta(0)) < timedelta(hours=25)
        (row,) = await it.rows()
        assert (row.status, row.attempts, row.code, row.error) == ("failed", 11, 500, "The address answered 500.")
        assert len({(headers["webhook-id"], body) for headers, _, body in system.came}) == 1


async def test_it_ends_with_the_first_answer_that_is_well() -> None:
    async with receiving(answers=[503, 204]) as system, post(system.url) as it:
        assert await it.try_once() is not None
        assert (await it.webhook()).failures == 1
        assert await it.try_once() is None
        assert [(row.status, row.attempts, row.code) for row in await it.rows()] == [("delivered", 2, 204)]
        assert (await it.webhook()).failures == 0


async def test_an_address_that_fails_again_and_again_is_left_alone_for_a_while() -> None:
    async with receiving(answers=[500] * 50) as system, post(system.url) as it:
        for call in range(1, PAUSE_AFTER + 1):
            await it.try_once(call)
        left = await it.try_once(99)
        assert left is not None
        assert left.again
        assert len(system.came) == PAUSE_AFTER
        assert len(await it.rows()) == PAUSE_AFTER
        it.clock.at += timedelta(seconds=6)
        await it.try_once(99)
        assert len(system.came) == PAUSE_AFTER + 1


async def test_an_address_that_is_gone_or_fails_for_a_day_is_switched_off_with_a_reason() -> None:
    async with receiving(answers=[410]) as system, post(system.url) as it:
        failed = await it.try_once()
        assert failed is not None
        assert not failed.again
        webhook = await it.webhook()
        assert (webhook.status, webhook.reason) == ("off", "The address answered 410 Gone.")
        assert (await it.it.services.worlds.get(1)).webhooks == ()
        # What still waits for it is given up, and nothing is sent.
        assert await it.try_once(2) is None
        assert len(system.came) == 1
    async with receiving(answers=[500] * 50) as system, post(system.url) as it:
        for call in range(1, 12):
            await it.try_once(call)
            it.clock.at += OFF_AFTER / 10
        webhook = await it.webhook()
        assert webhook.status == "off"
        assert "11 times in a row since 2026-04-01" in webhook.reason


async def test_a_redirect_is_no_answer_and_a_wish_to_wait_is_granted() -> None:
    async with receiving(answers=[302]) as system, post(system.url) as it:
        await it.try_once()
        assert (await it.rows())[0].error.startswith("The address answered 302: it leads elsewhere.")
        assert len(system.came) == 1
    assert deliver._wish("90") == timedelta(seconds=90)
    assert deliver._wish("9" * 9) == timedelta(hours=1)
    assert deliver._wish("Wed, 21 Oct 2026 07:28:00 GMT") is None


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "10.0.0.8", "169.254.169.254", "localhost"])
async def test_nothing_is_sent_into_private_networks(host: str) -> None:
    async with receiving() as system, post(system.url.replace("127.0.0.1", host), private=False) as it:
        assert await it.try_once() is not None
        assert system.came == []
        assert (await it.rows())[0].code == 0


async def test_a_system_that_hangs_is_left_after_the_webhooks_time() -> None:
    over = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await over.wait()
        writer.close()

    async with await asyncio.start_server(hang, "127.0.0.1", 0) as silent:
        port = silent.sockets[0].getsockname()[1]
        async with post(f"http://127.0.0.1:{port}/") as it:
            await it.it.store.write(lambda session: change_webhook(session, 1, 1, {"timeout": 1}, START))
            failed = await it.try_once()
            over.set()
            assert failed is not None
            assert failed.again
            assert (await it.rows())[0].error == "No answer came within 1 s."
    async with post("http://127.0.0.1:1/") as it:
        await it.try_once()
        assert (await it.rows())[0].error == "The address can't be reached: nothing answers there."


async def test_of_an_answer_without_end_only_its_beginning_is_read() -> None:
    sent = 0

    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        with suppress(ConnectionError):
            while True:
                writer.write(b"x" * 65_536)
                await writer.drain()
                sent += 65_536

    async with await asyncio.start_server(endless, "127.0.0.1", 0) as other:
        port = other.sockets[0].getsockname()[1]
        async with post(f"http://127.0.0.1:{port}/hook") as it:
            assert await it.try_once() is None
            [row] = await it.rows()
    assert (row.code, set(row.answer)) == (200, {"x"})
    assert len(row.answer) <= ANSWER_BYTES
    assert sent < 50_000_000


async def test_what_is_told_of_a_contact_is_forgotten_with_it() -> None:
    async with receiving() as system, post(system.url) as it:
        await it.try_once()
        await it.it.store.write(lambda session: delete_contact(session, 1, 7, now=START, actor="test"))
        assert await it.rows() == []
        assert await it.try_once(2) is None
        assert len(system.came) == 1
