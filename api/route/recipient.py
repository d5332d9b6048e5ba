"""`to`: a phone number, an email address or the id of a contact, in the form that the profile asks for."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from api.http.model import BARE_PHONE, INVALID_PHONE, PHONE, profile_of
from api.route.contact_model import EMAIL
from schemas.contact import Identity

CONTACT = re.compile(r"ct_[1-9A-Za-z][0-9A-Za-z]{0,9}", re.ASCII)
ADDRESS = re.compile(EMAIL)


class Recipient:
    """Marks a str field as somebody to write to. Phone numbers come out as E.164, email addresses in lower case.

    Digits without + are read where the profile shows numbers so. Errors have type `invalid_phone`, with A's own words.
    """

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(_read)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {
            "anyOf": [
                {"x-phone": False, "x-mode": "validation"},
                {"type": "string", "pattern": EMAIL},
                {"type": "string", "pattern": f"^{CONTACT.pattern}$"},
            ],
            "description": "Phone number or email address of the recipient, or the id of a contact.",
            "examples": ["+15550109999"],
        }


def _read(value: Any, info: core_schema.ValidationInfo) -> str:
    if isinstance(value, str):
        if PHONE.fullmatch(value) or CONTACT.fullmatch(value):
            return value
        if not profile_of(info).plus_in_phones and BARE_PHONE.fullmatch(value):
            return "+" + value
        if "@" in value:
            if len(value) <= 254 and ADDRESS.fullmatch(value):
                return value.lower()
            raise PydanticCustomError("invalid_email", "Invalid email address. It looks like name@example.com.")
    raise PydanticCustomError("invalid_phone", INVALID_PHONE)


To = Annotated[str, Recipient()]


def identity_of(to: str) -> Identity:
    """The address that a `To` names. Not for ids of contacts.

    >>> identity_of("+15550109999").kind, identity_of("john@example.com").kind
    ('phone', 'email')
    """
    return Identity("email" if "@" in to else "phone", to)
