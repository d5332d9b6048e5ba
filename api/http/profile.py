"""The two faces of the API: one set of routes, mounted twice, that differs in rendering only."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.public_id import public_id


@dataclass(frozen=True, slots=True)
class Profile:
    """How one mount renders. It never changes what a request does.

    `native` lives at /v1: prefixed ids, phones with +, 400 for invalid values, 403 at a plan's limit.
    `compat` lives at /api/v1: integer ids, phones as digits, 422 for both.
    """

    name: str
    mount: str
    validation_status: int
    plan_limit_status: int
    integer_ids: bool
    plus_in_phones: bool

    def id(self, prefix: str, number: int) -> str | int:
        """A primary key as this profile shows it.

        >>> NATIVE.id("ct", 42), COMPAT.id("ct", 42)
        ('ct_g', 42)
        """
        return number if self.integer_ids else public_id(prefix, number)

    def phone(self, e164: str) -> str:
        """A phone number, stored as E.164 with +, as this profile shows it.

        >>> NATIVE.phone("+49301234567"), COMPAT.phone("+49301234567")
        ('+49301234567', '49301234567')
        """
        return e164 if self.plus_in_phones else e164.removeprefix("+")


NATIVE = Profile("native", "/v1", 400, 403, integer_ids=False, plus_in_phones=True)
COMPAT = Profile("compat", "/api/v1", 422, 422, integer_ids=True, plus_in_phones=False)
BOTH = (NATIVE, COMPAT)
