"""Older flow documents, brought to the current form by a chain of pure functions: one for each step of `schema`.

To change the document's form: raise the number in `schemas.flow`, append a function that takes a document of the number before
and gives one of the new number, and add a before/after pair to `tests/fixtures/migration`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Migration = Callable[[Mapping[str, Any]], Mapping[str, Any]]

MIGRATIONS: tuple[Migration, ...] = ()
"""The function at place n takes schema n + 1 to n + 2. Schema 1 is the first, so there is none yet."""


def migrate(document: Any, migrations: tuple[Migration, ...] = MIGRATIONS) -> Any:
    """The document in its current form; what is no flow, or is newer, is given back as it is.

    >>> migrate({"schema": 1, "title": "Hi"}, (lambda old: {"name": old["title"]},))
    {'name': 'Hi', 'schema': 2}
    """
    number = document.get("schema", 1) if isinstance(document, Mapping) else None
    if isinstance(number, bool) or not isinstance(number, int) or number < 1:
        return document
    for place in range(number - 1, len(migrations)):
        document = {**migrations[place](document), "schema": place + 2}
    return document
