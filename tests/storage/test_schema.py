"""Every table has a tenant, other databases are refused, and columns give back what they took."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, select

from storage.column import from_micros, to_micros
from storage.store import Store, raw
from storage.table import METADATA, ContactRow, TenantRow
from storage.url import InvalidDatabaseUrl, sqlite_file
from tests.storage.world import NOW


def test_every_table_has_a_tenant() -> None:
    without = [name for name, table in METADATA.tables.items() if name != "tenant" and "tenant" not in table.columns]
    assert without == []


@pytest.mark.parametrize("url", ["postgresql://db/postdog", "sqlite://", "sqlite:///:memory:", "no url at all"])
def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(InvalidDatabaseUrl):
        sqlite_file(url)


@given(st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=45))])))
def test_an_instant_comes_back_to_the_microsecond(at: datetime) -> None:
    assert from_micros(to_micros(at)) == at


async def test_rows_come_back_as_they_were_written(store: Store) -> None:
    def job(session: Session) -> TenantRow:
        tenant = TenantRow(name="Acme", settings={"country": "DE"}, created_at=NOW)
        session.add(tenant)
        session.flush()
        raw(session).execute("UPDATE tenant SET status = 'pending' WHERE id = ?", (tenant.id,))
        session.add(ContactRow(id=7, tenant=tenant.id, part=3, tags=["vip"], created_at=NOW, updated_at=NOW))
        return tenant

    made = await store.change(job)
    assert made.id == 1
    async with store.session() as session:
        tenant = (await session.exec(select(TenantRow))).one()
        contact = (await session.exec(select(ContactRow))).one()
    assert (tenant.status, tenant.settings, tenant.created_at) == ("pending", {"country": "DE"}, NOW)
    assert tenant.created_at.tzinfo is UTC
    assert (contact.tags, contact.merged_into) == (["vip"], None)


async def test_a_change_that_raises_is_rolled_back(store: Store) -> None:
    def job(session: Session) -> None:
        session.add(TenantRow(name="Acme", created_at=NOW))
        session.flush()
        raise LookupError

    with pytest.raises(LookupError):
        await store.change(job)
    async with store.session() as session:
        assert (await session.exec(select(TenantRow))).all() == []


async def test_a_reading_session_cannot_write(store: Store) -> None:
    async with store.session() as session:
        session.add(TenantRow(name="Acme", created_at=NOW))
        with pytest.raises(Exception, match="readonly"):
            await session.commit()
