"""The store as handlers see it: two ways to run a plain function of a session."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlmodel import Session

from storage.store import Store

T = TypeVar("T")


class Tables:
    """Ordinary queries on the store. `wrote` is called after each commit: it may have appended events."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.wrote: Callable[[], None] = lambda: None

    async def read(self, work: Callable[[Session], T]) -> T:
        """What the work gives; writing in it fails."""
        async with self._store.session() as session:
            return await session.run_sync(lambda inner: work(_as_sqlmodel(inner)))

    async def write(self, work: Callable[[Session], T]) -> T:
        """One transaction on the one writer."""
        result = await self._store.change(work)
        self.wrote()
        return result


def _as_sqlmodel(session: object) -> Session:
    assert isinstance(session, Session)
    return session
