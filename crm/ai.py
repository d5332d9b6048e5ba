"""The workspace's AI provider: where its AI nodes ask, with which key, and how much they may use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from sqlmodel import Session

from crm.world_number import raise_world
from schemas.error import NotFound
from storage.secret import SecretBox
from storage.table import AiProviderRow

OWNER = "ai"
"""What the key is sealed for."""
LONGEST_KEY = 500
SLOWEST = 60
"""Seconds for one answer: longer, and the person has left the chat."""
PATIENCE = 30
CONTACT_TOKENS, DAY_TOKENS = 100_000, 2_000_000
"""Tokens a day, where nothing else is said: some fifty questions of a person, and a thousand of everybody."""
MOST = 1_000_000_000_000


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise ValueError("must be an address such as https://api.example.com/v1, without a key in it")
    _ = parts.port  # raises ValueError where it is no number
    return value.rstrip("/").removesuffix("/chat/completions")


BaseUrl = Annotated[str, Field(max_length=500, examples=["http://127.0.0.1:11434/v1"]), AfterValidator(_web_address)]
Tokens = Annotated[int, Field(ge=1, le=MOST)]
Money = Annotated[float, Field(ge=0, le=MOST, allow_inf_nan=False)]
Key = Annotated[str, Field(max_length=LONGEST_KEY, pattern=r"^[\x21-\x7e]*$")]


class AiSettings(BaseModel):
    """Everything about a provider but its key."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    base_url: BaseUrl = Field(description="Of an OpenAI-compatible server: what stands before /chat/completions.")
    model: Annotated[str, Field(min_length=1, max_length=200, examples=["llama3.1"])]
    timeout: Annotated[int, Field(ge=1, le=SLOWEST)] = Field(default=PATIENCE, description="Seconds for one answer.")
    contact_tokens: Tokens | None = Field(default=CONTACT_TOKENS, description="Tokens a day for one contact; null: no limit.")
    day_tokens: Tokens | None = Field(default=DAY_TOKENS, description="Tokens a day for the workspace; null: no limit.")
    contact_cost: Money | None = Field(default=None, description="Cost a day for one contact, in your provider's currency.")
    day_cost: Money | None = Field(default=None, description="Cost a day for the workspace.")
    price_in: Money | None = Field(default=None, description="Price of a million tokens that the model reads.")
    price_out: Money | None = Field(default=None, description="Price of a million tokens that the model writes.")


@dataclass(frozen=True, slots=True)
class AiProvider:
    """A provider that is ready to be asked; its key is shown nowhere."""

    settings: AiSettings
    key: str

    def __repr__(self) -> str:
        return f"AiProvider({self.settings.base_url!r}, {self.settings.model!r})"


def read_ai(session: Session, tenant: int) -> tuple[AiSettings, bool] | None:
    """The settings, and whether there is a key; None: AI is off."""
    row = session.get(AiProviderRow, tenant)
    return None if row is None else (_settings(row), row.key is not None)


def open_ai(session: Session, tenant: int, box: SecretBox) -> AiProvider | None:
    """The provider with its key, to be asked; None: AI is off. Raises UnreadableSecret."""
    row = session.get(AiProviderRow, tenant)
    if row is None:
        return None
    key = box.open(row.key, tenant=tenant, owner=OWNER).decode() if row.key is not None else ""
    return AiProvider(_settings(row), key)


def save_ai(session: Session, tenant: int, settings: AiSettings, key: str | None, box: SecretBox, now: datetime) -> None:
    """Set the provider. A key of None stays as it is while the address has the same host; "" takes it away."""
    row = session.get(AiProviderRow, tenant)
    before = row.key if row is not None and _same_place(row.base_url, settings.base_url) else None
    sealed = before if key is None else box.seal(key.encode(), tenant=tenant, owner=OWNER) if key else None
    fields = {**settings.model_dump(), "key": sealed, "updated_at": now}
    session.merge(AiProviderRow(tenant=tenant, **fields))
    raise_world(session, tenant)


def delete_ai(session: Session, tenant: int) -> None:
    """Switch AI off, and forget the key. Raises NotFound where it is off."""
    row = session.get(AiProviderRow, tenant)
    if row is None:
        raise NotFound("AI is off already.")
    session.delete(row)
    raise_world(session, tenant)


def _settings(row: AiProviderRow) -> AiSettings:
    return AiSettings.model_validate({name: getattr(row, name) for name in AiSettings.model_fields})


def _same_place(one: str, other: str) -> bool:
    """Whether a key for the one address may be sent to the other: who changes the host must know the key."""
    a, b = urlsplit(one), urlsplit(other)
    return (a.scheme, a.hostname, a.port) == (b.scheme, b.hostname, b.port)
