"""The texts of a flow for a translator, and what comes back from one. What the files look like is in `translation_file`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from engine.core.check_model import read_flow
from engine.core.check_part import read_graph
from engine.core.check_words import listing
from engine.core.program import NodeTypes
from engine.core.speaker import Speaker, speakers
from engine.core.translate import has_words, merge_fields
from schemas.error import Invalid
from schemas.flow import MAX_LANGUAGES, MAX_TRANSLATED, MAX_TRANSLATIONS, FlowDocument, Languages, Translation
from schemas.language import folded

Status = Literal["translated", "missing", "stale", "unused"]


class NoLanguage(Invalid):
    """The flow doesn't say in which language it is written. Choose its language first, then translate it."""

    code = "missing_language"


@dataclass(frozen=True, slots=True)
class Row:
    """A text with its translation, "" where there is none. `before` is the text that a stale translation was made from."""

    place: str
    title: str
    source: str
    translation: str
    status: Status
    before: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a translator gives back. `source` is what the file says was translated, None where it doesn't say.

    `doubt` says that the file marks it as not sure: always (`unsure`), or only while it is what was there (`unless_changed`).
    """

    place: str
    text: str
    source: str | None = None
    doubt: Literal["", "unsure", "unless_changed"] = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of an import. Nothing is removed by one: an empty translation leaves what is there."""

    document: FlowDocument
    applied: int = 0
    unchanged: int = 0
    missing: int = 0
    """Entries without a translation."""
    stale: tuple[str, ...] = ()
    """Places whose translation was taken, but was made of another text than the flow's."""
    unknown: tuple[str, ...] = ()
    """Places that are not in the flow."""
    refused: Mapping[str, str] = field(default_factory=dict)
    """Why, by place."""


def rows_of(document: Any, node_types: NodeTypes, language: str) -> tuple[Row, ...]:
    """Every text of a flow with its translation, in the flow's order; what belongs to texts that are gone comes last.

    Raises NoLanguage, and Invalid for the flow's own language.
    """
    languages, found = _read(document, node_types)
    _refuse_own(languages, language)
    translations = languages.translations.get(tag_in(languages, language), {})
    return tuple(_rows(found, translations))


def _rows(found: Iterable[Speaker], translations: Mapping[str, Translation]) -> Iterator[Row]:
    known: set[str] = set()
    for speaker in found:
        for said in speaker.texts:
            place = speaker.place + said.place
            known.add(place)
            translation = translations.get(place)
            title = speaker.title.strip("“”")
            if translation is not None:
                stale = translation.source != said.text
                status: Status = "stale" if stale else "translated"
                yield Row(place, title, said.text, translation.text, status, translation.source if stale else "")
            elif has_words(said.text):
                yield Row(place, title, said.text, "", "missing")
    for place, translation in translations.items():
        if place not in known:
            yield Row(place, "", translation.source, translation.text, "unused")


def _read(document: Any, node_types: NodeTypes) -> tuple[Languages, tuple[Speaker, ...]]:
    models = read_flow(document, node_types)
    return models.languages, tuple(speakers(models, read_graph(models)))


def tag_in(languages: Languages, language: str) -> str:
    """The tag as the flow writes it."""
    return next((tag for tag in languages.translations if folded(tag) == folded(language)), language)


def _refuse_own(languages: Languages, language: str) -> None:
    if languages.language is None:
        raise NoLanguage
    if folded(languages.language) == folded(language):
        raise Invalid(f"The flow is written in {languages.language}: there is nothing to translate. Choose another language.")


def take_in(document: FlowDocument, node_types: NodeTypes, language: str, entries: Iterable[Entry]) -> Taken:
    """The document with a translator's work in it. Each entry is judged alone: one that is refused keeps no other out.

    Raises NoLanguage, and Invalid for the flow's own language and for too many languages.
    """
    raw = document.model_dump(mode="json", by_alias=True, exclude_unset=True)
    languages, found = _read(raw, node_types)
    _refuse_own(languages, language)
    tag = tag_in(languages, language)
    if tag not in languages.translations and len(languages.translations) >= MAX_LANGUAGES:
        raise Invalid(f"A flow has at most {MAX_LANGUAGES} languages beside its own. Remove one first.")
    desk = _Desk(found, dict(languages.translations.get(tag, {})))
    for entry in entries:
        desk.take(entry)
    desk.refuse_what_nodes_refuse()
    translations = {**document.translations, tag: desk.result()}
    return Taken(
        document.model_copy(update={"translations": translations}),
        applied=len(desk.accepted),
        unchanged=desk.unchanged,
        missing=desk.missing,
        stale=tuple(place for place, each in desk.accepted.items() if each.source != desk.sources[place]),
        unknown=tuple(desk.unknown),
        refused=desk.refused,
    )


class _Desk:
    """Sorts what a translator gives back."""

    def __init__(self, found: tuple[Speaker, ...], before: dict[str, Translation]) -> None:
        self.found = found
        self.before = before
        self.sources = {speaker.place + said.place: said.text for speaker in found for said in speaker.texts}
        self.accepted: dict[str, Translation] = {}
        self.unknown: dict[str, None] = {}
        self.refused: dict[str, str] = {}
        self.unchanged = self.missing = 0
        self._seen: set[str] = set()

    def take(self, entry: Entry) -> None:
        """Accept an entry, refuse it with a reason, or count it."""
        place, before = entry.place, self.before.get(entry.place)
        if not entry.text.strip():
            self.missing += 1
        elif place in self._seen:
            self.refused[place] = "It is in the file twice; the first one was taken."
        elif before is not None and _lines(before.text) == _lines(entry.text) and (entry.doubt or place not in self.sources):
            self.unchanged += 1
        elif place not in self.sources:
            self.unknown[place] = None
        else:
            made = Translation.model_construct(text=entry.text, source=self._origin(entry, before))
            reason = _trouble(made, self.sources[place])
            if reason:
                self.refused[place] = reason
            elif made == before:
                self.unchanged += 1
            else:
                self.accepted[place] = made
        if entry.text.strip():
            self._seen.add(place)

    def _origin(self, entry: Entry, before: Translation | None) -> str:
        """The text that the translation was made from."""
        now = self.sources[entry.place]
        if entry.doubt == "unsure":
            return before.source if before is not None and before.source != now else ""
        return now if entry.source is None or _lines(entry.source) == _lines(now) else entry.source

    def refuse_what_nodes_refuse(self) -> None:
        """Sort out what is too long for its field, or else can't stand there."""
        for speaker in self.found:
            texts = {
                said.place: self.accepted[speaker.place + said.place].text
                for said in speaker.texts
                if speaker.place + said.place in self.accepted
            }
            places = {said.pointer: said.place for said in speaker.texts}
            for problem in speaker.saying(texts)[1] if texts else ():
                place = speaker.place + places.get(problem.pointer, next(iter(texts)))
                if self.accepted.pop(place, None) is not None:
                    self.refused[place] = problem.message

    def result(self) -> dict[str, Translation]:
        """What the language holds afterwards. Raises Invalid where that is too much."""
        texts = {**self.before, **self.accepted}
        if len(texts) > MAX_TRANSLATIONS:
            raise Invalid(f"A language has at most {MAX_TRANSLATIONS:,} texts. Remove those that are not used any more.")
        return texts


def _trouble(made: Translation, source: str) -> str:
    """Why a translation can't be taken; "" if it can."""
    if len(made.text) > MAX_TRANSLATED or len(made.source) > MAX_TRANSLATED:
        return f"It is too long; at most {MAX_TRANSLATED:,} characters are allowed."
    lost = merge_fields(made.source or source) - merge_fields(made.text)
    return f"It lacks {listing(sorted(lost))}." if lost else ""


def _lines(text: str) -> str:
    """Without the way in which an editor ends lines."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
