"""Who speaks in a flow: its nodes and its settings, each with the texts that are translated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from engine.core.check_error import read_model
from engine.core.check_model import Models
from engine.core.check_part import Graph, Part
from engine.core.phrase import is_said_in
from engine.core.translate import SETTINGS, Said, node_place, texts_of, translated
from schemas.flow import Translation
from schemas.problem import Problem, pointer

Translations = Mapping[str, Translation]
"""By place."""
Pairs = Sequence[tuple[Said, Translation]]


@dataclass(frozen=True, slots=True)
class Speaker:
    """A node, or the flow's settings (without a part). `place` and `pointer` are where its model stands."""

    title: str
    place: str
    pointer: str
    texts: tuple[Said, ...]
    model: BaseModel
    """The node's config, or the settings."""
    part: Part | None = None

    def saying(self, texts: Mapping[str, str]) -> tuple[BaseModel | None, list[Problem]]:
        """Its model with these texts in it, by their places; or why it can't hold them."""
        raw = self.model.model_dump(mode="json", by_alias=True, exclude_unset=True)
        return read_model(type(self.model), translated(raw, texts))

    def in_language(self, found: Translations) -> Pairs:
        """Its texts that are translated."""
        return [(said, found[self.place + said.place]) for said in self.texts if self.place + said.place in found]


def speakers(models: Models, graph: Graph) -> Iterator[Speaker]:
    """Everything that could be read and says something, in the document's order.

    What PostDog says by itself in all languages of the flow is nobody's to translate, until somebody did.
    """
    languages = models.languages
    ours = all(map(is_said_in, (languages.language, *languages.translations)))
    done = {place for found in languages.translations.values() for place in found}
    for id, part in graph.parts.items():
        if part.ready is None:
            continue
        config, place = part.ready.config, node_place(id)
        texts = tuple(said for said in texts_of(config) if not (said.ours and ours) or place + said.place in done)
        if texts:
            yield Speaker(part.title, place, pointer("nodes", part.index, "config"), texts, config, part)
    if texts := texts_of(models.settings):
        yield Speaker("The flow", SETTINGS, SETTINGS, texts, models.settings)
