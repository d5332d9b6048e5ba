"""Who speaks in a flow: its nodes and its settings, each with the texts that are translated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.core.check_model import Models
from engine.core.check_part import Graph, Part
from engine.core.translate import SETTINGS, Said, node_place, texts_of
from schemas.flow import Translation
from schemas.problem import pointer

Translations = Mapping[str, Translation]
"""By place."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """A node, or the flow's settings (without a part). `place` and `pointer` are where its model stands."""

    title: str
    place: str
    pointer: str
    texts: tuple[Said, ...]
    part: Part | None = None

    def in_language(self, found: Translations) -> list[tuple[Said, Translation]]:
        """Its texts that are translated."""
        return [(said, found[self.place + said.place]) for said in self.texts if self.place + said.place in found]


def speakers(models: Models, graph: Graph) -> Iterator[Speaker]:
    """Everything that could be read and says something, in the document's order."""
    for id, part in graph.parts.items():
        if part.ready is not None and (texts := texts_of(part.ready.config)):
            yield Speaker(part.title, node_place(id), pointer("nodes", part.index, "config"), texts, part)
    if texts := texts_of(models.settings):
        yield Speaker("The flow", SETTINGS, SETTINGS, texts)
