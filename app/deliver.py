"""Delivers what webhooks are told: signed, bounded in time, and never so that one dead address holds up the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import aiohttp

from api.services import Store
from app.network import network_words
from channels.outside import NOTHING_PRIVATE, Guard, is_private_literal
from crm.deliveries import Outcome, Parcel, give_up, note, pack
from crm.signature import signed_headers
from crm.worlds import StoredWorlds
from engine.runtime.backoff import backoff
from engine.runtime.protocol import CallClaim, CallFailed, Clock
from storage.secret import SecretBox

ANSWER_BYTES = 2_000
"""Read of an answer, for the list of deliveries."""
PAUSE_AFTER = 5
"""Failures in a row after which an address is left alone for a while: `PAUSE` seconds, doubling up to the last."""
PAUSE = 5.0, 300.0
LONGEST_WISH = timedelta(hours=1)
"""For `Retry-After`."""


class Deliverer:
    """The handler of the calls by which webhooks are told. It may be called again for the same call: the id stays the same."""

    def __init__(
        self,
        store: Store,
        worlds: StoredWorlds,
        box: SecretBox,
        clock: Clock,
        session: Callable[[], aiohttp.ClientSession],
        *,
        guard: Guard = NOTHING_PRIVATE,
        private: bool = False,
    ) -> None:
        """`session` is asked for at each request, and keeps to the `guard`; `private` lets addresses lie in private networks."""
        self._store = store
        self._worlds = worlds
        self._box = box
        self._clock = clock
        self._session = session
        self._guard = guard
        self._private = private
        self._failures: Counter[int] = Counter()
        self._paused: dict[int, datetime] = {}

    async def __call__(self, claim: CallClaim) -> None:
        """Make one attempt. Raises CallFailed where another one follows, or where it is given up."""
        tenant, call, facts = claim.tenant, claim.call.id, claim.call.data
        self._leave_alone(int(facts["webhook"]), call, claim.attempt)
        now = self._clock.now()
        parcel = await self._store.read(lambda session: pack(session, tenant, call, facts, self._box, now))
        if parcel is None:
            return await self._store.write(lambda session: give_up(session, call))
        outcome = await self.attempt(parcel)
        at = self._clock.now()
        wait, off = await self._store.write(lambda session: note(session, tenant, call, facts, parcel, outcome, at))
        if off:
            self._worlds.changed(tenant)
        if outcome.ok:
            self._failures.pop(parcel.webhook, None)
            return
        self._note_failure(parcel.webhook, at)
        after = None if wait is None else wait.total_seconds()
        raise CallFailed(outcome.error or f"answered {outcome.code}", again=wait is not None, after=after)

    async def attempt(self, parcel: Parcel) -> Outcome:
        """Send it once, and say what came back. Never raises for the network's or the receiver's trouble."""
        host = urlsplit(parcel.url).hostname or ""
        if not self._private and is_private_literal(host, self._guard):
            return Outcome(error="The address lies in a private network. Use one that the world reaches.")
        timestamp = int(self._clock.now().timestamp())
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "PostDog-Webhooks/1.0",
            **signed_headers(parcel.secrets, parcel.key, timestamp, parcel.body),
        }
        timeout = aiohttp.ClientTimeout(total=parcel.timeout)
        try:
            async with self._session().post(
                parcel.url, data=parcel.body, headers=headers, allow_redirects=False, timeout=timeout
            ) as answer:
                text = (await answer.content.read(ANSWER_BYTES)).decode("utf-8", "replace")
                return Outcome(answer.status, text, _refusal(answer.status), _wish(answer.headers.get("Retry-After", "")))
        except TimeoutError:
            return Outcome(error=f"No answer came within {parcel.timeout:.0f} s.")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Outcome(error=f"The address can't be reached: {network_words(error)}.")

    def _leave_alone(self, webhook: int, call: int, attempt: int) -> None:
        """Raises CallFailed, to be tried again, while the webhook is left alone."""
        left = (self._paused.get(webhook, self._clock.now()) - self._clock.now()).total_seconds()
        if left > 0:
            raise CallFailed("the address is left alone for a while", after=left + backoff(f"room:{call}", attempt, most=5.0))

    def _note_failure(self, webhook: int, now: datetime) -> None:
        self._failures[webhook] += 1
        more = self._failures[webhook] - PAUSE_AFTER
        if more >= 0:
            first, most = PAUSE
            self._paused[webhook] = now + timedelta(seconds=min(first * 2.0 ** min(more, 30), most))


def _refusal(status: int) -> str:
    """Why an answer doesn't count; "" where it does."""
    if 200 <= status < 300:
        return ""
    if 300 <= status < 400:
        return f"The address answered {status}: it leads elsewhere. Enter the address that it leads to."
    return f"The address answered {status}."


def _wish(header: str) -> timedelta | None:
    """The seconds of a `Retry-After`, at most `LONGEST_WISH`; a date there is not read.

    >>> _wish("120"), _wish("soon")
    (datetime.timedelta(seconds=120), None)
    """
    if not header.isascii() or not header.isdigit() or len(header) > 9:
        return None
    return min(timedelta(seconds=int(header)), LONGEST_WISH)
