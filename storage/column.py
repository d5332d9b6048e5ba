"""The column types that all tables share: instants, JSON, ids. Hand-written SQL uses the same forms."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import BigInteger, Dialect, Integer, Text
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Big = BigInteger().with_variant(Integer, "sqlite")
"""64-bit integers; SQLite gives a row its number only to a column that is called INTEGER."""


def to_micros(at: datetime) -> int:
    """An aware instant as microseconds since 1970 in UTC, exactly. Raises TypeError for a naive one.

    >>> to_micros(EPOCH + timedelta(seconds=1))
    1000000
    """
    passed = at - EPOCH
    return (passed.days * 86_400 + passed.seconds) * 1_000_000 + passed.microseconds


def from_micros(micros: int) -> datetime:
    """The instant that `to_micros` wrote, in UTC.

    >>> from_micros(1_000_000)
    datetime.datetime(1970, 1, 1, 0, 0, 1, tzinfo=datetime.timezone.utc)
    """
    return EPOCH + timedelta(0, 0, micros)


def maybe_micros(at: datetime | None) -> int | None:
    """`to_micros`, where there may be no instant."""
    return None if at is None else to_micros(at)


def maybe_instant(micros: int | None) -> datetime | None:
    """`from_micros`, where there may be no instant."""
    return None if micros is None else from_micros(micros)


class Instant(TypeDecorator[datetime]):
    """An instant: INTEGER microseconds since 1970 in the file, an aware datetime in UTC in Python."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(Integer() if dialect.name == "sqlite" else BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return maybe_micros(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return maybe_instant(value)


class Json(TypeDecorator[Any]):
    """A JSON value as text, so that `sqlite3` shows it and `json_extract` reads it. None is NULL."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else orjson.dumps(value).decode()

    def process_result_value(self, value: str | bytes | None, dialect: Dialect) -> Any:
        return None if value is None else orjson.loads(value)


def own_id() -> Any:
    """A primary key that the database numbers."""
    return Field(default=None, primary_key=True, sa_type=Big)


def given_id() -> Any:
    """A primary key, or a part of one, that the writer gives (derived from an event, or another table's)."""
    return Field(primary_key=True, sa_type=Big, sa_column_kwargs={"autoincrement": False})


def reference(index: bool = False) -> Any:
    """Another row's id. There are no foreign keys: hot rows are written in batches, and 0 stands for none."""
    return Field(sa_type=Big, index=index)


def no_reference() -> Any:
    """Another row's id, 0 unless told."""
    return Field(default=0, sa_type=Big)


def instant() -> Any:
    """A point in time that must be given."""
    return Field(sa_type=Instant)


def no_instant() -> Any:
    """A point in time, none unless told."""
    return Field(default=None, sa_type=Instant)


def json_object() -> Any:
    """A JSON object, empty unless told."""
    return Field(default_factory=dict, sa_type=Json, nullable=False)


def json_list() -> Any:
    """A JSON list, empty unless told."""
    return Field(default_factory=list, sa_type=Json, nullable=False)


def json_value() -> Any:
    """Any JSON value, NULL unless told."""
    return Field(default=None, sa_type=Json, nullable=True)
