"""Idempotency-Key: the same request twice has one effect and one answer.

After draft-ietf-httpapi-idempotency-key-header-07. First: run. Same key and content after it ended: the stored answer.
Other content: 422. Still running: 409. Refusals for lack of a key, of a right or of a rate (401, 403, 429) and our own
failures (5xx) are not stored: the next try runs.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from api.http.error import BadRequest

KEPT_FOR = timedelta(hours=24)
"""How long an answer is replayed, as the documentation promises."""
LEASE = timedelta(minutes=5)
"""A request that has not ended by then died with its process; longer than every route's timeout."""
REPLAYED_HEADERS = ("Content-Type", "ETag", "Link", "Location")
NOT_STORED = frozenset({401, 403, 408, 429})
LONGEST = 255
FORM = rf'^([!#-\[\]-~]{{1,{LONGEST}}}|"([!#-\[\]-~]|\\["\\]){{1,{LONGEST}}}")$'
"""Visible ASCII, bare or as a quoted string in which quotes and backslashes are escaped."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a key counts: two tenants, two API keys or two addresses never meet."""

    tenant: int
    api_key: str
    method: str
    path: str
    key: str


@dataclass(frozen=True, slots=True)
class Ticket:
    """A request under an Idempotency-Key. A handler may hand it to its transaction, to be stored with the effect."""

    scope: Scope
    fingerprint: str
    at: datetime


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """An answer as it is replayed."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class First:
    """Nobody asked this before: run it."""


@dataclass(frozen=True, slots=True)
class Running:
    """The same request is still being worked on."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """The key was used with other content."""


@dataclass(frozen=True, slots=True)
class Replay:
    """The answer that the first request got."""

    answer: StoredAnswer


Begun = First | Running | Mismatch | Replay


class IdempotencyStore(Protocol):
    """Remembers requests by their ticket. `begin` is atomic: of two at once, one is First."""

    async def begin(self, ticket: Ticket) -> Begun: ...

    async def finish(self, ticket: Ticket, answer: StoredAnswer | None) -> None:
        """Keep the answer for KEPT_FOR, or with None forget that the request began."""
        ...


@dataclass(slots=True)
class _Entry:
    fingerprint: str
    until: datetime
    answer: StoredAnswer | None = None


@dataclass(slots=True)
class MemoryIdempotency:
    """A store for tests and for a server without a durable one. Forgets on restart."""

    entries: dict[Scope, _Entry] = field(default_factory=dict)

    async def begin(self, ticket: Ticket) -> Begun:
        self._prune(ticket.at)
        entry = self.entries.get(ticket.scope)
        if entry is None:
            self.entries[ticket.scope] = _Entry(ticket.fingerprint, ticket.at + LEASE)
            return First()
        if entry.fingerprint != ticket.fingerprint:
            return Mismatch()
        return Replay(entry.answer) if entry.answer else Running()

    async def finish(self, ticket: Ticket, answer: StoredAnswer | None) -> None:
        if answer is None:
            self.entries.pop(ticket.scope, None)
        else:
            self.entries[ticket.scope] = _Entry(ticket.fingerprint, ticket.at + KEPT_FOR, answer)

    def _prune(self, now: datetime) -> None:
        for scope in [scope for scope, entry in self.entries.items() if entry.until <= now]:
            del self.entries[scope]


def read_key(header: str) -> str:
    """The key in an Idempotency-Key header: a quoted structured string, or bare. Raises BadRequest.

    >>> read_key('"8e03978e"'), read_key("8e03978e")
    ('8e03978e', '8e03978e')
    """
    text = header.strip()
    if not re.fullmatch(FORM, text):
        raise BadRequest(
            f"The Idempotency-Key must have 1 to {LONGEST} visible ASCII characters.", type="invalid_idempotency_key"
        )
    return re.sub(r'\\(["\\])', r"\1", text[1:-1]) if text.startswith('"') else text


def fingerprint(query: str, body: bytes) -> str:
    """What makes two requests the same content: their query and their body, to the byte."""
    return hashlib.sha256(query.encode() + b"\n" + body).hexdigest()


def worth_keeping(status: int) -> bool:
    """Whether an answer is stored for replays."""
    return status < 500 and status not in NOT_STORED
