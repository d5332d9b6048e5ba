"""The stores that must behave the same, each with the few ways in that the protocols don't give."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from engine.runtime.clock import SystemClock
from engine.runtime.memory.store import MemoryStore
from engine.runtime.protocol import Store
from storage.migrate import upgrade
from storage.store import Store as SqliteStore


@dataclass(frozen=True)
class Subject:
    """A store under test. `touch` changes a contact as another writer would; `status` reads a message's row."""

    store: Store
    touch: Callable[[int], Awaitable[None]]
    status: Callable[[int], Awaitable[str]]


StoreFactory = Callable[[Path], AbstractAsyncContextManager[Subject]]


@asynccontextmanager
async def memory(path: Path) -> AsyncIterator[Subject]:
    store = MemoryStore()

    async def touch(contact: int) -> None:
        tenant, known = store.state.contacts[contact]
        store.state.put_contact(tenant, replace(known, version=known.version + 1, name="Changed"))

    async def status(message: int) -> str:
        return store.state.messages[message].status

    yield Subject(store, touch, status)


@asynccontextmanager
async def sqlite(path: Path) -> AsyncIterator[Subject]:
    url = f"sqlite:///{path / 'postdog.db'}"
    upgrade(url)
    store = await SqliteStore.open(url, SystemClock())

    async def touch(contact: int) -> None:
        sql = "UPDATE contact SET version = version + 1, name = 'Changed' WHERE id = ?"
        await store.write(lambda connection: connection.execute(sql, (contact,)).rowcount)

    async def status(message: int) -> str:
        sql = "SELECT status FROM message WHERE id = ?"
        return str(await store.write(lambda connection: connection.execute(sql, (message,)).fetchone()[0]))

    try:
        yield Subject(store, touch, status)
    finally:
        await store.close()


FACTORIES: dict[str, StoreFactory] = {"memory": memory, "sqlite": sqlite}
