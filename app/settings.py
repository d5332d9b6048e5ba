"""Settings of the server, from the environment (`POSTDOG_…`) or a `.env` file beside the process."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from ipaddress import ip_network
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from channels.outside import Guard


class Settings(BaseSettings):
    """Every setting with its default. `postdog serve --help` and docs/settings.md list them from here."""

    model_config = SettingsConfigDict(env_prefix="POSTDOG_", env_file=".env", extra="ignore", frozen=True)

    data_dir: Path = Field(default=Path("data"), description="Where the database, media and the secret key live.")
    database_url: str = Field(
        default="", description="The database; empty: the SQLite file postdog.db in the data directory."
    )
    host: str = Field(default="127.0.0.1", description="Address to listen on; 0.0.0.0 for all.")
    port: int = Field(default=8080, ge=0, le=65535, description="Port to listen on; 0 picks a free one.")
    public_url: str = Field(
        default="", description="Where the world reaches this server, such as https://chat.example.com; empty: host and port."
    )
    secret_key: SecretStr = Field(
        default=SecretStr(""), description="32 random bytes in base64 that encrypt stored secrets; empty: a key file is made."
    )
    bootstrap_api_key: SecretStr = Field(
        default=SecretStr(""), description="The first API key, set at the first start; empty: one is made and printed once."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="What is logged.")
    log_format: Literal["text", "json"] = Field(default="text", description="Lines for people, or JSON for machines.")
    trusted_proxies: str = Field(
        default="", description="Networks of reverse proxies whose X-Forwarded-For is believed, such as 127.0.0.1/32, by commas."
    )
    allow_http_webhooks: bool = Field(
        default=False,
        description="Webhooks may begin with http:// and lie in private networks: for trying out, or inside a network of yours.",
    )
    call_allow: str = Field(
        default="",
        description="Private networks and hosts that flows and AI may call, such as 10.1.0.0/16 or booking.internal, by commas.",
    )
    rate_per_minute: int = Field(default=2000, ge=1, description="API requests a minute for each key.")
    rate_burst: int = Field(default=3000, ge=1, description="API requests of a key that may come at once.")
    shutdown_seconds: float = Field(
        default=10.0, ge=0, le=300, description="How long sends in flight may take to end when the server stops."
    )

    @field_validator("public_url")
    @classmethod
    def _without_slash(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("must begin with https:// (or http:// on a machine of your own)")
        return value.rstrip("/")

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: str) -> str:
        for part in value.split(",") if value else ():
            ip_network(part.strip())
        return value

    @field_validator("call_allow")
    @classmethod
    def _guard(cls, value: str) -> str:
        Guard.of(value)
        return value

    @property
    def proxies(self) -> tuple[str, ...]:
        """The networks of `trusted_proxies`."""
        return tuple(part.strip() for part in self.trusted_proxies.split(",") if part.strip())

    @property
    def database(self) -> str:
        """The URL of the database in use."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'postdog.db').absolute()}"

    def reached_at(self, port: int) -> str:
        """Where the world reaches the server, by the setting or by host and port."""
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host
        return self.public_url or f"http://{host}:{port}"


ELSEWHERE = frozenset({"POSTDOG_URL", "POSTDOG_API_KEY"})
"""What `postdog flows` reads: where the server is, and as whom to ask it."""


def unknown_settings(names: Iterable[str]) -> Iterator[str]:
    """A sentence for each name that begins like a setting of ours and is none: a typing error would be silent otherwise.

    >>> list(unknown_settings(["POSTDOG_PROT", "POSTDOG_HOST", "HOME"]))
    ['There is no setting POSTDOG_PROT. Did you mean POSTDOG_PORT?']
    """
    known = {f"POSTDOG_{name.upper()}" for name in Settings.model_fields}
    for name in sorted(names):
        if name.upper().startswith("POSTDOG_") and name.upper() not in known | ELSEWHERE:
            meant = get_close_matches(name.upper(), sorted(known), 1)
            hint = f"Did you mean {meant[0]}?" if meant else "docs/settings.md lists them all."
            yield f"There is no setting {name}. {hint}"
