"""The words that PostDog has of its own for contacts, where neither a node nor a setting has any."""

from __future__ import annotations

from collections.abc import Iterable

from engine.core.phrase_book import ENGLISH, PHRASES
from schemas.language import primary
from schemas.value import value


@value(frozen=True, slots=True)
class Phrase:
    """One of PostDog's own sentences with what fills it: texts, or the keys of phrases of which one will do."""

    key: str
    values: tuple[tuple[str, str | tuple[str, ...]], ...] = ()

    def in_language(self, language: str) -> str:
        """The sentence in a language of the book.

        >>> Phrase("not_media", (("kinds", ("image", "video")),)).in_language("de")
        'Bitte senden Sie ein Bild oder ein Video.'
        """
        book = PHRASES[language]
        between = f" {book['or']} "
        filled = {
            name: each if isinstance(each, str) else between.join(book[key] for key in each) for name, each in self.values
        }
        return book[self.key].format_map(filled)


def language_of(tags: Iterable[str | None]) -> str:
    """The first of these languages that the book has; English where it has none.

    >>> language_of(["sv", None, "pt-BR", "de"]), language_of([None])
    ('pt', 'en')
    """
    return next((first for tag in tags if tag and (first := primary(tag)) in PHRASES), ENGLISH)


def is_said_in(language: str | None) -> bool:
    """True for a language in which PostDog has words of its own."""
    return language is not None and primary(language) in PHRASES
