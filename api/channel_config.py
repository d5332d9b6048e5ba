"""A channel's settings between the API and the tables: checked by its kind's model, secrets kept apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from api.http.error import ValidationFailed
from api.http.plain import explain
from channels.config import join_config, secret_fields, split_config
from channels.protocol import ChannelType
from schemas.error import Invalid

SET, NOT_SET = {"set": True}, {"set": False}


class UnknownChannelKind(Invalid):
    """There is no such kind of channel."""

    code = "unknown_channel_kind"


@dataclass(frozen=True, slots=True)
class Settings:
    """Checked settings in the two parts in which they are stored, and what the provider calls the channel."""

    shown: dict[str, Any]
    secrets: dict[str, Any]
    address: str


def channel_type(kinds: Mapping[str, ChannelType[Any]], kind: str) -> ChannelType[Any]:
    """The kind. Raises UnknownChannelKind, which lists the kinds."""
    found = kinds.get(kind)
    if found is None:
        raise UnknownChannelKind(f"There is no channel kind “{kind[:40]}”. There are: {', '.join(sorted(kinds))}.")
    return found


def read_settings(kind: ChannelType[Any], given: Mapping[str, Any], before: Mapping[str, Any] | None = None) -> Settings:
    """The settings as the model checked them: what is given, over what was there `before` (secrets included).

    A secret that comes back as it was shown, `{"set": true}`, stays as it is. Raises ValidationFailed with fields `config.…`.
    """
    kept = {name: value for name, value in given.items() if value not in (SET, NOT_SET)}
    merged = {**(before or {}), **kept}
    try:
        config = kind.Config.model_validate(merged)
    except ValidationError as error:
        refusal = explain(error, merged)
        details = [detail.model_copy(update={"field": f"config.{detail.field}".rstrip(".")}) for detail in refusal.details]
        raise ValidationFailed(refusal.message, type=refusal.type, details=details) from error
    shown, secrets = split_config(config)
    return Settings(shown, {name: value for name, value in secrets.items() if value is not None}, kind.address(config))


def shown_config(kind: ChannelType[Any] | None, config: Mapping[str, Any], has_secrets: bool) -> dict[str, Any]:
    """The settings as the API shows them: of a secret only whether it is set."""
    hidden = secret_fields(kind.Config) if kind is not None else frozenset()
    return {**config, **{name: dict(SET if has_secrets else NOT_SET) for name in sorted(hidden)}}


def joined(kind: ChannelType[Any], config: Mapping[str, Any], secrets: Mapping[str, Any]) -> BaseModel:
    """The settings as the channel gets them. Raises pydantic.ValidationError, where the kind's model has changed since."""
    joined: BaseModel = join_config(kind.Config, config, secrets)
    return joined
