"""Which file a database URL names."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from schemas.error import Invalid


class InvalidDatabaseUrl(Invalid):
    """This database URL can't be used. Give the path of a file, such as sqlite:///postdog.db."""

    code = "invalid_database_url"


def sqlite_file(url: str) -> Path:
    """The file behind `sqlite:///relative.db` or `sqlite:////absolute.db`. Raises InvalidDatabaseUrl for anything else.

    >>> sqlite_file("sqlite:///data/postdog.db").as_posix()
    'data/postdog.db'
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise InvalidDatabaseUrl from error
    if parsed.get_backend_name() != "sqlite":
        raise InvalidDatabaseUrl(f"PostDog can't keep its data in {parsed.get_backend_name()} yet. Use sqlite:///postdog.db.")
    if not parsed.database or parsed.database == ":memory:":
        raise InvalidDatabaseUrl
    return Path(parsed.database)
