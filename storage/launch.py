"""Claims messages in the commit that makes them, where nothing stands before them: no claim of their own is needed then."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import orjson

from engine.runtime.protocol import Claim, Offer
from engine.runtime.release import skip_reason
from schemas.effect import Message
from storage.decided import LanePlan

# Of these conversations, those with a message on its way: it stands before what is made now.
OCCUPIED = """
SELECT DISTINCT m.conversation FROM json_each(?) AS w
CROSS JOIN message AS m INDEXED BY message_unsettled ON m.conversation = w.value AND m.next_at IS NOT NULL
"""


def launch(connection: sqlite3.Connection, lanes: Iterable[LanePlan], offer: Offer, now: datetime) -> dict[int, Claim]:
    """Claims of messages that these lanes make, by id, as far as the sender has room; to be written with their rows.

    A message may be claimed that `storage.claim` would claim right after the commit: it is the head of its conversation, and
    may still be said after all that its lane decided. Bulk ones wait for their share of the places.
    """
    left = dict(offer.room)
    heads = [(lane, head) for lane in lanes for head in _heads(lane)]
    occupied = _occupied(connection, [head.conversation for _, head in heads])
    claims: dict[int, Claim] = {}
    for lane, head in heads:
        if len(claims) == offer.limit:
            break
        conversation = lane.person.conversation(head.conversation)
        if head.conversation in occupied or left.get(head.channel, 1) <= 0:
            continue
        if conversation is None or skip_reason(head, conversation, lane.person.contact):
            continue
        left[head.channel] = left.get(head.channel, offer.limit) - 1
        claims[head.id] = Claim(
            message=head,
            tenant=lane.known.tenant,
            attempt=1,
            identities=tuple(dict.fromkeys(lane.person.contact.identities)),
            window_until=conversation.window_until,
            first_attempt_at=now,
        )
    return claims


def _heads(lane: LanePlan) -> Iterator[Message]:
    """What a lane says first in each conversation: a person's words go before the bot's."""
    heads: dict[int, Message] = {}
    for _, decision in lane.decisions:
        for message in decision.messages:
            head = heads.get(message.conversation)
            if head is None or (message.voice == "human") > (head.voice == "human"):
                heads[message.conversation] = message
    return (head for head in heads.values() if not head.bulk)


def _occupied(connection: sqlite3.Connection, conversations: Sequence[int]) -> set[int]:
    if not conversations:
        return set()
    return {conversation for (conversation,) in connection.execute(OCCUPIED, (orjson.dumps(conversations).decode(),))}
