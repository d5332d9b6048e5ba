"""The stores that must behave the same, each with the few ways in that the protocols don't give."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from engine.runtime.memory.store import MemoryStore
from engine.runtime.protocol import Store


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


FACTORIES: dict[str, StoreFactory] = {"memory": memory}
