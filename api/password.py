"""Passwords: hashed by argon2id in a thread, a few at a time."""

from __future__ import annotations

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

AT_ONCE = 4
"""Each hash takes 64 MiB and some 100 ms; more at once would let strangers fill the memory."""


class Passwords:
    """Makes and compares hashes without holding up the loop."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._nobodys = ""

    async def hashed(self, password: str) -> str:
        """What is kept of a password."""
        async with self._slots:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def fits(self, kept: str, password: str) -> bool:
        """Whether it is the password behind a hash."""
        async with self._slots:
            return await asyncio.to_thread(self._fits, kept, password)

    async def waste(self, password: str) -> None:
        """As long as `fits` takes, for an address that nobody has: the time must not tell which addresses are known."""
        self._nobodys = self._nobodys or await self.hashed("nobody's")
        await self.fits(self._nobodys, password)

    def is_old(self, kept: str) -> bool:
        """Whether a hash was made with weaker parameters than today's."""
        return self._hasher.check_needs_rehash(kept)

    def _fits(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (Argon2Error, InvalidHashError):
            return False
