"""Something in several languages, and which of them a contact gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

from engine.core.node import Behaviour, Outcome
from schemas.event import Body
from schemas.language import folded, primary

if TYPE_CHECKING:
    from engine.core.turn import Turn
    from engine.core.visit import Visit

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Spoken(Generic[T]):
    """A value for each language that has its own. The contact's language wins, then the workspace's, then the flow's own.

    A language is found by its whole tag, else by its first part: who speaks `pt-PT` gets `pt`, and `pt-BR` where that is all
    there is.
    """

    own: T
    """In the language in which the flow was written."""
    by_tag: Mapping[str, T] = field(default_factory=dict)

    def of(self, contact: str | None, workspace: str | None) -> T:
        """The value for a contact with this language, or none, in a workspace whose default is that."""
        for tag in (contact, workspace):
            if tag:
                for form in (tag, folded(tag), primary(tag)):
                    if form in self.by_tag:
                        return self.by_tag[form]
        return self.own

    def to(self, turn: Turn) -> T:
        """The value for the contact of a turn."""
        return self.of(turn.contact.language, turn.world.language) if self.by_tag else self.own


def spoken(own: T, language: str | None, others: Mapping[str, T]) -> Spoken[T]:
    """A value in the flow's own language and in others, by tag.

    >>> spoken("Hi", "en", {"de": "Hallo", "pt-BR": "Oi"}).of("pt-PT", None)
    'Oi'
    >>> spoken("Hi", "en", {"de": "Hallo"}).of("fr", "de-AT"), spoken("Hi", "en", {"de": "Hallo"}).of("en-GB", "de")
    ('Hallo', 'Hi')
    """
    if not others:
        return Spoken(own)
    values = {**({language: own} if language else {}), **dict(sorted(others.items()))}
    by_tag = {**values}
    for form in (folded, primary):
        for tag, value in values.items():
            by_tag.setdefault(form(tag), value)
    return Spoken(own, by_tag)


def multilingual(behaviours: Spoken[Behaviour]) -> Behaviour:
    """The behaviour that does what its one for the contact's language does. A node without translations needs none of this."""
    if not behaviours.by_tag:
        return behaviours.own

    def heard(visit: Visit) -> Behaviour:
        language, default = visit.turn.contact.language, visit.turn.world.language
        visit.reads.setdefault("contact.language", language)
        visit.reads.setdefault("workspace.language", default)
        return behaviours.of(language, default)

    def enter(visit: Visit) -> Outcome:
        return heard(visit).enter(visit)

    def resume(visit: Visit, body: Body) -> Outcome | None:
        return again(visit, body) if (again := heard(visit).resume) is not None else None

    return Behaviour(enter, resume if behaviours.own.resume is not None else None)
