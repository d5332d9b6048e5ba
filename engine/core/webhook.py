"""What a call of a trigger's own address says: who it is about, and what the run shall know."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from email_validator import EmailNotValidError, validate_email

from engine.core.phone import digits, normalise_phone
from engine.core.plain import plain
from engine.core.trigger import OnWebhook
from schemas.contact import Identity
from schemas.problem import Problem, pointer

MAX_IDENTITY = 200  # characters of an address
MAX_NAME = 200  # characters of a contact's name

PATH = r"^[^.\[\]]+(\[[0-9]{1,4}\])*(\.[^.\[\]]+(\[[0-9]{1,4}\])*)*$"
"""A path into JSON: keys with dots between them, places of a list in brackets: `items[0].name`."""
_STEP = re.compile(r"[^.\[\]]+|\[[0-9]{1,4}\]")


@dataclass(frozen=True, slots=True)
class Called:
    """A webhook call as the engine takes it: a start for these identities, the best first, with these variables."""

    identities: tuple[Identity, ...]
    name: str = ""
    variables: Mapping[str, Any] = field(default_factory=dict)


def map_webhook(on: OnWebhook, body: Any, country: str | None = None) -> Called | tuple[Problem, ...]:
    """Reads a JSON body as the trigger says; problems (pointers into the body) where it names nobody.

    >>> on = OnWebhook({"phone": "customer.phone"}, {"item": "items[0].name"})
    >>> map_webhook(on, {"customer": {"phone": "+49 151 12345678"}, "items": [{"name": "Tea"}]})
    Called(identities=(Identity(kind='phone', value='+4915112345678'),), name='', variables={'item': 'Tea'})

    An identity that is missing or unreadable is left out while another one is there; a variable that is missing is left out.
    `country` reads phone numbers without a country code.
    """
    identities: list[Identity] = []
    problems: list[Problem] = []
    for kind, path in on.identities.items():
        found = plain(pick(body, path)).strip()
        value = _address(kind, found, country)
        if value:
            identities.append(Identity(kind, value))
        else:
            problems.append(_nobody(kind, path, found))
    if not identities:
        return tuple(problems)
    variables = {name: value for name, path in on.variables.items() if (value := pick(body, path)) is not None}
    name = plain(pick(body, on.name)).strip()[:MAX_NAME] if on.name else ""
    return Called(tuple(identities), name, variables)


def pick(body: Any, path: str) -> Any:
    """The value at a path of a JSON body, or None.

    >>> pick({"items": [{"name": "Tea"}]}, "items[0].name"), pick({"items": []}, "items[0].name")
    ('Tea', None)
    """
    value = body
    for step in _steps(path):
        if isinstance(step, int):
            value = value[step] if isinstance(value, list) and step < len(value) else None
        else:
            value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _steps(path: str) -> list[str | int]:
    return [int(step[1:-1]) if step.startswith("[") else step for step in _STEP.findall(path)]


def _address(kind: str, found: str, country: str | None) -> str | None:
    match kind:
        case "phone":
            return normalise_phone(found, country)
        case "whatsapp":
            return digits(found)[:MAX_IDENTITY]
        case "email":
            try:
                return validate_email(found, check_deliverability=False).normalized
            except EmailNotValidError:
                return None
        case _:
            return found if len(found) <= MAX_IDENTITY else None


def _nobody(kind: str, path: str, found: str) -> Problem:
    at = pointer(*_steps(path))
    if not found:
        hint = "Send it, or change the trigger's mapping."
        return Problem("missing_identity", "error", at, f"There is no {kind} at {path}.", hint)
    return Problem("bad_identity", "error", at, f"What is at {path} is not a {kind} that can be reached.", "Correct the value.")
