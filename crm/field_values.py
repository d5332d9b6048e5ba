"""Values for contacts, checked: fields against the types that the tenant gave them, time zones against those that exist."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from crm.contacts import Draft
from crm.fields import list_fields
from schemas.error import Invalid
from schemas.hours import is_zone

CUSTOM = "custom"
"""The one field that every tenant has, a text."""


class UnknownField(Invalid):
    """There is no such field. Create it first."""

    code = "unknown_field"


class WrongFieldType(Invalid):
    """This value doesn't have the field's type."""

    code = "wrong_field_type"


class UnknownTimezone(Invalid):
    """There is no such time zone. Use a name such as Europe/Berlin."""

    code = "unknown_timezone"


def check_draft(session: Session, tenant: int, draft: Draft) -> None:
    """Raises UnknownField, WrongFieldType and UnknownTimezone."""
    check_fields(session, tenant, draft.fields)
    check_timezone(draft.timezone)


def check_timezone(name: str | None) -> None:
    """Raises UnknownTimezone."""
    if name is not None and not is_zone(name):
        raise UnknownTimezone


def check_fields(session: Session, tenant: int, values: Mapping[str, Any]) -> None:
    """Raises UnknownField and WrongFieldType. None clears a field, whatever its type."""
    if not values:
        return
    types = {CUSTOM: "text"} | {field.key: field.type for field in list_fields(session, tenant)}
    for key, value in values.items():
        if key not in types:
            raise UnknownField(f"There is no field “{key}”. Create it first, or use another key.")
        fits, example = TYPES[types[key]]
        if value is not None and not fits(value):
            raise WrongFieldType(f"The field “{key}” takes {example}.")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_date(value: Any) -> bool:
    """ISO 8601, with or without a time.

    >>> _is_date("2026-04-01"), _is_date("tomorrow")
    (True, False)
    """
    for read in (date.fromisoformat, datetime.fromisoformat):
        try:
            read(value)
        except (TypeError, ValueError):
            continue
        return True
    return False


TYPES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "text": (lambda value: isinstance(value, str), 'text, such as "gold"'),
    "number": (_is_number, "a number, such as 12.5"),
    "boolean": (lambda value: isinstance(value, bool), "true or false"),
    "date": (_is_date, 'a date, such as "2026-04-01"'),
    "list": (lambda value: isinstance(value, list), 'a list of texts, such as ["a", "b"]'),
}
"""By the type of a field: what fits, and how to say it."""
