"""Which texts of a model translators get, and the model with their translations in it.

A field whose `json_schema_extra` holds `"translate": True` is said to contacts; one that also names a `phrase` is said in
PostDog's own words (`engine.core.phrase_book`) where the author leaves it as it is. Its place is a JSON pointer (RFC 6901) in
which an item of a list that has an id is named by it, so that another order keeps the translations.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel

from engine.core.filter import default, read_filter
from engine.core.grammar import Merge, Piece, Spin, read_grammar
from engine.core.plain import plain
from schemas.flow import Translation
from schemas.problem import pointer

SETTINGS = "/settings"


def node_place(node: str) -> str:
    """Below which the texts of a node's config stand.

    >>> node_place("hi")
    '/nodes/hi/config'
    """
    return pointer("nodes", node, "config")


@dataclass(frozen=True, slots=True)
class Said:
    """A text that is said to contacts. `place` names items by their ids, `pointer` by where they stand now."""

    place: str
    pointer: str
    text: str
    ours: bool = False
    """The author left it as it is: PostDog says it in each language in which it has words of its own."""


def texts_of(model: BaseModel) -> tuple[Said, ...]:
    """The texts that a model shows to contacts: none that is empty, none whose field isn't in use."""
    return tuple(said for said in _model(model, "", "") if said.text.strip())


def _model(model: BaseModel, place: str, at: str) -> Iterator[Said]:
    for name, field in type(model).model_fields.items():
        extra = field.json_schema_extra
        hints: Mapping[str, Any] = extra if isinstance(extra, dict) else {}
        if _is_in_use(model, hints.get("show_if")):
            key = pointer(field.alias or name)
            found = _value(getattr(model, name), place + key, at + key, hints.get("translate") is True)
            if "phrase" in hints and name not in model.model_fields_set:
                found = (replace(said, ours=True) for said in found)
            yield from found


def _is_in_use(model: BaseModel, show_if: Any) -> bool:
    """True where the fields beside it have values for which it is shown."""
    return not isinstance(show_if, Mapping) or all(getattr(model, key, None) in allowed for key, allowed in show_if.items())


def _value(value: Any, place: str, at: str, marked: bool) -> Iterator[Said]:
    match value:
        case str() if marked:
            yield Said(place, at, value)
        case BaseModel():
            yield from _model(value, place, at)
        case list() | tuple():
            for index, item in enumerate(value):
                yield from _value(item, place + pointer(name_of(item, index)), at + pointer(index), marked)
        case Mapping():
            for key, item in value.items():
                yield from _value(item, place + pointer(key), at + pointer(key), marked)
        case _:
            return


def name_of(item: Any, index: int) -> str:
    """What a place calls an item of a list: its id, else where it stands.

    >>> name_of({"id": "yes", "title": "Yes"}, 0), name_of("Hello", 1)
    ('yes', '1')
    """
    id = item.get("id") if isinstance(item, Mapping) else getattr(item, "id", None)
    return id if isinstance(id, str) and id else str(index)


def translated(config: Any, texts: Mapping[str, str]) -> Any:
    """A config as JSON with these texts at their places. What it left to a default may be among them; the rest is shared.

    >>> translated({"buttons": [{"id": "y", "title": "Yes"}]}, {"/buttons/y/title": "Ja"})
    {'buttons': [{'id': 'y', 'title': 'Ja'}]}
    """
    for place, text in texts.items():
        config = _put(config, [_unescaped(part) for part in place.split("/")[1:]], text)
    return config


def _put(value: Any, path: list[str], text: str) -> Any:
    if not path:
        return text
    if isinstance(value, list | tuple):
        return [_put(item, path[1:], text) if name_of(item, index) == path[0] else item for index, item in enumerate(value)]
    inner = value if isinstance(value, Mapping) else {}
    return {**inner, path[0]: _put(inner.get(path[0]), path[1:], text)}


def _unescaped(part: str) -> str:
    return part.replace("~1", "/").replace("~0", "~")


def in_languages(translations: Mapping[str, Mapping[str, Translation]], model: BaseModel, at: str) -> dict[str, dict[str, str]]:
    """The translated texts of a model that stands at `at`, by language and then by their places in the model."""
    if not translations:
        return {}
    own = texts_of(model)
    found = {
        language: {said.place: texts[at + said.place].text for said in own if at + said.place in texts}
        for language, texts in translations.items()
    }
    return {language: texts for language, texts in found.items() if texts}


def has_words(text: str) -> bool:
    """False for what reads the same in every language: merge fields without a fallback in words, numbers, emoji.

    >>> [has_words(text) for text in ("{{contact.name}} 👋", "Hi {{contact.name}}", "{{contact.name|there}}")]
    [False, True, True]
    """
    return _speaks(read_grammar(text, lambda word: False))


def _speaks(pieces: tuple[Piece, ...]) -> bool:
    return any(map(_says, pieces))


def _says(piece: Piece) -> bool:
    match piece:
        case str():
            return any(map(str.isalpha, piece))
        case Spin(alternatives=alternatives):
            return any(map(_speaks, alternatives))
        case Merge(segments=segments):
            return any(_says(plain((read_filter(each) or default(each))(""))) for each in segments)
        case _:
            return False


def merge_fields(text: str) -> frozenset[str]:
    """The merge fields of a text without their filters: what a translation must hold too.

    >>> sorted(merge_fields("{Hi|Hello} {{contact.name|there}}, {{ total | currency }}"))
    ['{{contact.name}}', '{{total}}']
    """
    return frozenset(_fields(read_grammar(text, lambda word: False)))


def _fields(pieces: tuple[Piece, ...]) -> Iterator[str]:
    for piece in pieces:
        match piece:
            case Merge(path=path):
                yield f"{{{{{path}}}}}"
            case Spin(alternatives=alternatives):
                for each in alternatives:
                    yield from _fields(each)
            case _:
                continue
