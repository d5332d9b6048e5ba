"""The SQLite store as the conformance suite takes it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from storage.store import Store
from tests.conformance.stores import Subject
from tests.storage.world import Standing, new_file, rows


@asynccontextmanager
async def sqlite(path: Path) -> AsyncIterator[Subject]:
    store = await Store.open(new_file(path), Standing())

    async def touch(contact: int) -> None:
        await rows(store, "UPDATE contact SET version = version + 1, name = 'Changed' WHERE id = ?", contact)

    async def status(message: int) -> str:
        return str((await rows(store, "SELECT status FROM message WHERE id = ?", message))[0][0])

    try:
        yield Subject(store, touch, status)
    finally:
        await store.close()
