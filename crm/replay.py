"""A run with all that it takes to make its steps again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, func, select

from crm.runs import Story, get_run
from engine.core.history import Past, versions_of
from engine.core.replay import Replayed, replay
from engine.core.world import World
from schemas.content import load_content
from schemas.effect import Message
from storage.table import MessageRow, StepRow

MAX_REPLAYED = 1_000
"""Steps that are made again at once: a tenth of a second of work."""
CHUNK = 500
"""Messages read by one query."""


@dataclass(frozen=True, slots=True)
class Record:
    """What a run left behind. `total` counts its steps, of which `history` holds the first ones."""

    story: Story
    history: tuple[Past, ...]
    total: int
    messages: Mapping[int, Message]

    @property
    def versions(self) -> frozenset[int]:
        """The versions on which it stood: the world must hold their programs."""
        return frozenset(version for past in self.history for version in versions_of(past.data))

    def replay(self, world: World) -> tuple[Replayed, ...]:
        """Its steps, made again."""
        return replay(world, self.story.run, self.history, self.messages, whole=len(self.history) == self.total)


def load_record(session: Session, tenant: int, id: int, most: int = MAX_REPLAYED) -> Record:
    """The record of the tenant's run, with its first `most` steps. Raises NotFound."""
    story = get_run(session, tenant, id)
    total = session.exec(select(func.count()).select_from(StepRow).where(StepRow.run == id)).one()
    rows = session.exec(select(StepRow).where(StepRow.run == id).order_by(col(StepRow.number)).limit(most))
    history = tuple(Past(row.number, row.event, row.at, row.data) for row in rows)
    ids = [message for past in history for message in past.data["messages"]]
    messages: dict[int, Message] = {}
    for start in range(0, len(ids), CHUNK):
        found = select(MessageRow).where(MessageRow.tenant == tenant, col(MessageRow.id).in_(ids[start : start + CHUNK]))
        messages.update((row.id, _message(row)) for row in session.exec(found))
    return Record(story, history, total, messages)


def _message(row: MessageRow) -> Message:
    voices: Any = row.voice
    return Message(
        id=row.id,
        key=row.key,
        conversation=row.conversation,
        channel=row.channel,
        content=load_content(row.content),
        voice=voices,
        epoch=row.epoch,
        at=row.created_at,
        run=row.run,
        step=row.step,
        node=row.node,
        reports=row.reports,
        fallback=None if row.fallback is None else load_content(row.fallback),
        on_unknown="resend" if row.on_unknown == "resend" else "keep",
        consent=row.consent,
        bulk=row.bulk,
    )
