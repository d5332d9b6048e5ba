"""The base classes of what handlers take and return, and fields whose look depends on the profile."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    SerializationInfo,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from api.http.profile import NATIVE, Profile
from schemas.public_id import LARGEST_ID, InvalidId, read_id

PHONE = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
BARE_PHONE = re.compile(r"[1-9]\d{6,14}", re.ASCII)
WRITTEN = re.compile(r"\d{4}-\d\d-\d\d[T ]", re.ASCII)
INVALID_TIME = "Must be a date and time with its zone, such as 2026-04-01T09:00:00Z."
INVALID_PHONE = "Invalid phone number format. Use E.164 format: +1234567890"


class Input(BaseModel):
    """A JSON body. Strict: "1" is no number, unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Query(BaseModel):
    """The query parameters of a route. Texts are read as numbers, booleans and dates where the field says so."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Output(BaseModel):
    """An answer. Built by us, so anything that doesn't fit is our own error and becomes a 500."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True, slots=True)
class IdOf:
    """Marks an int field as a public id: `id: Annotated[int, IdOf("ct")]`.

    Both forms are read, `"ct_g"` and `42` (also `"42"`); each profile writes its own. Errors have type `invalid_id`.
    """

    prefix: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self._read,
            serialization=core_schema.plain_serializer_function_ser_schema(self._write, info_arg=True),
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"x-id": self.prefix, "x-mode": handler.mode}

    def _read(self, value: Any) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= LARGEST_ID:
            return value
        try:
            return read_id(self.prefix, str(value) if isinstance(value, int | str) else "")
        except InvalidId as error:
            raise PydanticCustomError("invalid_id", "{reason}", {"reason": error.message}) from error

    def _write(self, value: int, info: SerializationInfo) -> str | int:
        return profile_of(info).id(self.prefix, value)


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """Marks a str field as a phone number: E.164 with + inside, and as the profile shows it outside.

    Where `bare` is true, digits without + are read too. Errors have type `invalid_phone`.
    Which one a profile wants is the route's choice: `/v1` refuses digits in a message's `to`, `/api/v1` takes them.
    """

    bare: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(
            self._read,
            serialization=core_schema.plain_serializer_function_ser_schema(self._write, info_arg=True),
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"x-phone": self.bare, "x-mode": handler.mode}

    def _read(self, value: Any, info: core_schema.ValidationInfo) -> str:
        if isinstance(value, str):
            if PHONE.fullmatch(value):
                return value
            if (self.bare or not profile_of(info).plus_in_phones) and BARE_PHONE.fullmatch(value):
                return "+" + value
        raise PydanticCustomError("invalid_phone", INVALID_PHONE)

    def _write(self, value: str, info: SerializationInfo) -> str:
        return profile_of(info).phone(value)


def profile_of(info: SerializationInfo | core_schema.ValidationInfo) -> Profile:
    """The profile that a validator or serializer works for; NATIVE outside a request."""
    context = info.context
    return context if isinstance(context, Profile) else NATIVE


Phone = Annotated[str, PhoneNumber()]
"""A phone number in the form that the profile asks for."""


def written_out(value: Any) -> Any:
    """Let pass what is written as RFC 3339, so that "12" is not read as 12 seconds after 1970."""
    if isinstance(value, datetime) or (isinstance(value, str) and WRITTEN.match(value)):
        return value
    raise PydanticCustomError("invalid_time", INVALID_TIME)


Instant = Annotated[AwareDatetime, BeforeValidator(written_out), Field(strict=False)]
"""A date and time with its zone, in bodies and queries. Never take a bare datetime: it reads numbers too."""
