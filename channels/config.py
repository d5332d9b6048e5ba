"""Settings of a channel: which fields are secret, and how they are kept apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, Field, SecretStr

ConfigT = TypeVar("ConfigT", bound=BaseModel)
SECRET = {"secret": True, "writeOnly": True}


def secret(*, title: str, description: str = "", min_length: int = 1, max_length: int = 4096) -> Any:
    """A field that is stored encrypted and never shown again; give it the type `pydantic.SecretStr`."""
    return Field(
        title=title, description=description, min_length=min_length, max_length=max_length, json_schema_extra=dict(SECRET)
    )


def secret_fields(model: type[BaseModel]) -> frozenset[str]:
    """The names of the fields that are marked as secret."""
    return frozenset(
        name
        for name, field in model.model_fields.items()
        if isinstance(field.json_schema_extra, dict) and field.json_schema_extra.get("secret") is True
    )


def split_config(config: BaseModel) -> tuple[dict[str, Any], dict[str, Any]]:
    """The settings as JSON in two parts: what may be shown, and what is to be encrypted."""
    hidden = secret_fields(type(config))
    shown = config.model_dump(mode="json", exclude=set(hidden))
    return shown, {name: _reveal(getattr(config, name)) for name in sorted(hidden)}


def join_config(model: type[ConfigT], shown: Mapping[str, Any], secrets: Mapping[str, Any]) -> ConfigT:
    """The settings from both parts. Raises pydantic.ValidationError."""
    return model.model_validate({**shown, **secrets})


def _reveal(value: Any) -> Any:
    return value.get_secret_value() if isinstance(value, SecretStr) else value
