"""Between a call and the provider: the budgets, the history, one more try; and what it took is booked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select

from app.ai.ask import AiAsking
from app.ai.client import AiTrouble
from app.tables import Tables
from crm.ai import AiSettings, delete_ai, open_ai, read_ai, save_ai
from crm.ai_budget import EVERYBODY, Spent, forget_old_spend, spent
from crm.tenants import bootstrap
from nodes import node_types
from schemas.ai import AiQuestion
from schemas.content import Text, dump_content
from storage.secret import SecretBox, UnreadableSecret
from storage.store import Store
from storage.table import AiSpendRow, FlowVersionRow, MessageRow, TenantRow
from tests.ai.provider import SECRET, Fake, faked
from tests.storage.world import NOW, Standing, new_file

BOX = SecretBox(b"k" * 32)
ANN, BO = 7, 8
DELIVERY = {"title": "Delivery", "text": "We deliver abroad within a week."}
ASKED = AiQuestion(4, "answer", 5, "Do you deliver abroad?")
TODAY = date(2026, 4, 1)


@dataclass
class Desk:
    fake: Fake
    asking: AiAsking
    tables: Tables

    async def set(self, key: str = SECRET, **changes: Any) -> None:
        settings = AiSettings.model_validate({**self.fake.settings.model_dump(), **changes})
        await self.tables.write(lambda session: save_ai(session, 1, settings, key, BOX, NOW))

    async def spent(self, contact: int, day: date = TODAY) -> Spent:
        return await self.tables.read(lambda session: spent(session, 1, contact, day))

    async def refused(self, contact: int = ANN, question: AiQuestion = ASKED) -> str:
        with pytest.raises(AiTrouble) as caught:
            await self.asking.ask(1, contact, question)
        assert SECRET not in caught.value.message
        return caught.value.reason


def version() -> FlowVersionRow:
    """A published flow whose steps differ in how many earlier messages they give along."""
    nodes = [
        {"id": f"answer{history or ''}", "type": "ai_reply", "config": {"texts": [DELIVERY], "history": history}}
        for history in (0, 1, 9)
    ]
    document = {"schema": 1, "name": "FAQ", "nodes": nodes, "edges": []}
    return FlowVersionRow(id=4, tenant=1, flow=3, number=1, document=document, hash="", published_at=NOW)


@asynccontextmanager
async def desk(folder: Path) -> AsyncIterator[Desk]:
    store = await Store.open(new_file(folder), Standing())
    tables = Tables(store)
    try:
        await tables.write(lambda session: bootstrap(session, "Ours", NOW))
        await tables.write(lambda session: session.add(version()))
        async with faked() as fake:
            yield Desk(fake, AiAsking(tables, BOX, fake.client, node_types(), Standing()), tables)
    finally:
        await store.close()


async def test_off_until_it_is_set_up_and_then_it_answers_and_books(tmp_path):
    async with desk(tmp_path) as it:
        assert await it.refused() == "ai_not_configured"
        await it.set(price_in=1.0, price_out=2.0)
        asked = await it.asking.ask(1, ANN, ASKED)
        assert asked.answer == {"answer": "We deliver abroad within a week.", "confident": True}
        used = await it.spent(ANN)
        assert used == await it.spent(EVERYBODY)
        assert (used.calls, used.tokens) == (1, asked.tokens_in + asked.tokens_out)
        assert used.cost == pytest.approx((asked.tokens_in + 2 * asked.tokens_out) / 1e6)
        await it.tables.write(lambda session: delete_ai(session, 1))
        assert await it.refused() == "ai_not_configured"


async def test_what_could_not_be_read_is_asked_for_once_more_and_paid_for_twice(tmp_path):
    async with desk(tmp_path) as it:
        await it.set()
        it.fake.goes("garbage", 1)
        asked = await it.asking.ask(1, ANN, ASKED)
        assert asked.answer["confident"]
        assert (await it.spent(ANN)).calls == 2
        assert [each["role"] for each in it.fake.state.requests[1]["messages"]] == ["system", "user", "assistant", "user"]
        it.fake.goes("garbage")
        assert await it.refused() == "ai_bad_answer"
        assert (await it.spent(ANN)).calls == 4


@pytest.mark.parametrize(
    "budget", [{"contact_tokens": 1}, {"contact_cost": 0.000001, "price_in": 1.0, "price_out": 1.0}, {"day_tokens": 1}]
)
async def test_a_used_up_budget_ends_the_calls_of_a_contact_or_of_all(tmp_path, budget):
    async with desk(tmp_path) as it:
        await it.set(**budget)
        await it.asking.ask(1, ANN, ASKED)
        assert await it.refused() == "ai_budget"
        assert len(it.fake.state.requests) == 1
        if "day_tokens" in budget:
            assert await it.refused(BO) == "ai_budget"
        else:
            await it.asking.ask(1, BO, ASKED)
            assert (await it.spent(EVERYBODY)).calls == 2


async def test_the_day_is_that_of_the_workspace_and_old_days_are_forgotten(tmp_path):
    async with desk(tmp_path) as it:
        await it.set(contact_tokens=1)

        def far_east(session: Session) -> None:
            row = session.get(TenantRow, 1)
            assert row is not None
            row.settings = {"timezone": "Pacific/Kiritimati"}
            session.add(row)

        await it.tables.write(far_east)
        await it.asking.ask(1, ANN, ASKED)
        assert (await it.spent(ANN)).calls == 0
        assert (await it.spent(ANN, TODAY + timedelta(days=1))).calls == 1
        await it.tables.write(lambda session: forget_old_spend(session, NOW + timedelta(days=90)))
        assert len(await it.tables.read(lambda session: session.exec(select(AiSpendRow)).all())) == 2
        await it.tables.write(lambda session: forget_old_spend(session, NOW + timedelta(days=95)))
        assert not await it.tables.read(lambda session: session.exec(select(AiSpendRow)).all())


def said(id: int, direction: str, text: str, at: datetime, **changes: Any) -> MessageRow:
    fields = {"tenant": 1, "contact": ANN, "conversation": 5, "channel": 1, "status": "received", **changes}
    return MessageRow(id=id, direction=direction, content=dump_content(Text(text)), created_at=at, appeared_at=at, **fields)


async def test_the_last_messages_go_along_without_the_question_itself_and_without_others(tmp_path):
    async with desk(tmp_path) as it:
        await it.set()
        rows = [
            said(1, "in", "Hi", NOW),
            said(2, "out", "Hello!", NOW + timedelta(seconds=1), status="read"),
            said(3, "out", "Never arrived", NOW + timedelta(seconds=2), status="failed"),
            said(4, "in", "secret of another", NOW + timedelta(seconds=3), conversation=6),
            said(5, "in", "secret of another workspace", NOW + timedelta(seconds=3), tenant=2),
            said(6, "in", ASKED.question, NOW + timedelta(seconds=4)),
        ]
        await it.tables.write(lambda session: session.add_all(rows))
        for history, known in ((0, []), (1, ["Hello!"]), (9, ["Hi", "Hello!"])):
            asked = await it.asking.ask(1, ANN, replace(ASKED, node=f"answer{history or ''}"))
            sent = str(it.fake.state.requests[-1]["messages"][1])
            assert asked.history == len(known)
            assert [each for each in ("Hi", "Hello!", "Never arrived") if f'"{each}"' in sent] == known
            assert "secret" not in sent


async def test_the_key_is_sealed_for_its_tenant_and_leaves_with_the_host(tmp_path):
    async with desk(tmp_path) as it:
        await it.set()
        opened = await it.tables.read(lambda session: open_ai(session, 1, BOX))
        assert opened is not None
        assert opened.key == SECRET
        with pytest.raises(UnreadableSecret):
            await it.tables.read(lambda session: open_ai(session, 1, SecretBox(b"o" * 32)))
        assert SECRET.encode() not in (tmp_path / "postdog.db").read_bytes()

        async def moved(address: str) -> tuple[AiSettings, bool] | None:
            settings = AiSettings(base_url=address, model="m")
            await it.tables.write(lambda session: save_ai(session, 1, settings, None, BOX, NOW))
            return await it.tables.read(lambda session: read_ai(session, 1))

        assert await moved(it.fake.settings.base_url + "/more") == (
            AiSettings(base_url=it.fake.settings.base_url + "/more", model="m"),
            True,
        )
        found = await moved("https://elsewhere.example/v1")
        assert found is not None
        assert found[1] is False


async def test_whoever_sets_it_up_sees_an_answer_or_what_to_do(tmp_path):
    async with desk(tmp_path) as it:
        assert (await it.asking.try_out(1, "Is this a test?")).problem == "No AI provider is set up. Enter one in Settings → AI."
        await it.set()
        assert (await it.asking.try_out(1, "Is this a test?")).answer == "This is a test. Any answer is right."
        assert (await it.spent(EVERYBODY)).calls == 1
        await it.set("wrong")
        assert "refuses the key" in (await it.asking.try_out(1, "Is this a test?")).problem
