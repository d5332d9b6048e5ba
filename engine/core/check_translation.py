"""What is wrong with a flow's languages: gaps, translations of older texts, and what a translation breaks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from pydantic import BaseModel

from engine.core.check_model import Models
from engine.core.check_part import Graph
from engine.core.check_said import settings_problems
from engine.core.check_words import listing
from engine.core.phrase import is_said_in
from engine.core.scope import Scope
from engine.core.speaker import Pairs, Speaker, Translations
from engine.core.translate import Said, has_words, merge_fields, node_place
from schemas.flow import Settings
from schemas.language import folded, is_known
from schemas.problem import Problem, pointer


def translation_problems(
    models: Models, graph: Graph, scope: Scope, speaking: tuple[Speaker, ...]
) -> Iterator[Problem]:
    """Nothing for a flow in one language. A node is told of once for all its gaps, and once a language for what is old."""
    languages = models.languages
    if languages.language and not is_known(languages.language):
        yield _unknown(languages.language, "/language")
    if not languages.translations:
        return
    yield from _tags(languages.language, languages.translations)
    wanted = [{each.place + said.place: said.ours for said in each.texts if has_words(said.text)} for each in speaking]
    wanting = sum(map(len, wanted))
    begun = {language: found for language, found in languages.translations.items() if found or not wanting}
    for language in languages.translations:
        if language not in begun:
            message = f"Nothing is translated into {language} yet: {_count(wanting, 'text')} will be said untranslated."
            yield Problem("missing_translation", "warning", pointer("translations", language), message, "Translate them.")
    for each, places in zip(speaking, wanted, strict=True):
        yield from _gaps(each, places, begun)
        yield from _in_languages(each, begun, graph, scope)
    known = {each.place + said.place for each in speaking for said in each.texts}
    unread = tuple(node_place(id) + "/" for id, part in graph.parts.items() if part.ready is None)
    unread = (*unread, *(node_place(id) + "/" for id in models.broken_ids))
    for language, found in languages.translations.items():
        yield from _left_over(language, [place for place in found if place not in known and not place.startswith(unread)])


def _unknown(tag: str, at: str) -> Problem:
    return Problem("unknown_language", "warning", at, f"No language is called “{tag}”.", "Use a code of ISO 639, such as de.")


def _tags(own: str | None, translations: Collection[str]) -> Iterator[Problem]:
    if own is None:
        message = "The flow has translations, but doesn't say in which language its own texts are."
        yield Problem("missing_language", "error", "/translations", message, "Choose the flow's language.")
    seen = {folded(own): own} if own else {}
    for tag in translations:
        if not is_known(tag):
            yield _unknown(tag, pointer("translations", tag))
        if (before := seen.setdefault(folded(tag), tag)) != tag or tag == own:
            message = f"“{tag}” is the flow's own language." if before == own else f"“{tag}” and “{before}” are one language."
            yield Problem("doubled_language", "error", pointer("translations", tag), message, "Remove one of them.")


def _gaps(speaker: Speaker, wanted: Mapping[str, bool], translations: Mapping[str, Translations]) -> Iterator[Problem]:
    missing = {
        language: sum(place not in found and not (ours and is_said_in(language)) for place, ours in wanted.items())
        for language, found in translations.items()
    }
    counts = [f"{_count(count, 'text')} into {language}" for language, count in missing.items() if count]
    if counts:
        message = f"{speaker.title} is not wholly translated: {listing(counts)}."
        yield Problem(
            "missing_translation", "warning", speaker.pointer, message, "Translate it; until then its own text is said."
        )


def _in_languages(
    speaker: Speaker, translations: Mapping[str, Translations], graph: Graph, scope: Scope
) -> Iterator[Problem]:
    """What is wrong with what one node says in the other languages."""
    spoken = {language: pairs for language, found in translations.items() if (pairs := speaker.in_language(found))}
    if not spoken:
        return
    fields = {said.place: merge_fields(said.text) for said in speaker.texts}
    ready = speaker.part.ready if speaker.part else None
    around = scope if ready is None else replace(scope, build=ready.build, variables=graph.names)
    own = frozenset((each.code, each.pointer) for each in _found(speaker, speaker.model, around))
    for language, pairs in spoken.items():
        yield from _stale(speaker, language, pairs)
        for said, translation in pairs:
            if words := _other_fields(fields[said.place], merge_fields(translation.text)):
                at = _at(language, speaker, said) + "/text"
                hint = "Use the merge fields of the text that it translates."
                yield Problem("other_merge_fields", "warning", at, f"The translation into {language} {words}.", hint)
        for problem, place in _broken(speaker, {said.place: each.text for said, each in pairs}, own, around):
            at = pointer("translations", language, speaker.place + (place or pairs[0][0].place), "text")
            yield replace(problem, pointer=at, message=f"In {language}: {problem.message}")


def _stale(speaker: Speaker, language: str, pairs: Pairs) -> Iterator[Problem]:
    stale = [said for said, translation in pairs if translation.source != said.text]
    if stale:
        texts = "A text was" if len(stale) == 1 else f"{len(stale):,} texts were"
        message = f"{speaker.title}: {texts} changed since the translation into {language}."
        hint = "Translate it again, or mark it as still right."
        yield Problem("stale_translation", "warning", _at(language, speaker, stale[0]), message, hint)


def _at(language: str, speaker: Speaker, said: Said) -> str:
    return pointer("translations", language, speaker.place + said.place)


def _other_fields(own: frozenset[str], other: frozenset[str]) -> str:
    parts = (("lacks", own - other), ("adds", other - own))
    return " and ".join(f"{word} {listing(sorted(fields))}" for word, fields in parts if fields)


def _found(speaker: Speaker, model: BaseModel, around: Scope) -> Iterable[Problem]:
    """What the node type finds in a config, or the checker in the flow's settings."""
    if isinstance(model, Settings):
        return settings_problems(model, around)
    return speaker.part.ready.type.check(model, around) if speaker.part and speaker.part.ready else ()


def _broken(
    speaker: Speaker, texts: Mapping[str, str], own: Collection[tuple[str, str]], around: Scope
) -> Iterator[tuple[Problem, str]]:
    """What is wrong with these texts in the model and not without them, with the place of the text."""
    places = {said.pointer: said.place for said in speaker.texts}
    model, refused = speaker.saying(texts)
    for problem in refused if model is None else _found(speaker, model, around):
        if model is None or places.get(problem.pointer) in texts or (problem.code, problem.pointer) not in own:
            yield problem, places.get(problem.pointer, "")


def _left_over(language: str, places: list[str]) -> Iterator[Problem]:
    if places:
        belong = (
            "A translation belongs to a text that is"
            if len(places) == 1
            else f"{len(places):,} translations belong to texts that are"
        )
        message = f"{belong} not in the flow any more (in {language})."
        yield Problem(
            "unused_translation", "info", pointer("translations", language, places[0]), message, "Remove what nobody needs."
        )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
