"""The settings of a WhatsApp channel."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from channels.config import secret

GRAPH = "https://graph.facebook.com"


class WhatsAppConfig(BaseModel):
    """What Meta's app dashboard shows for a number on the Cloud API. Secrets are write-only."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    phone_number_id: str = Field(
        title="Phone number ID",
        description="From API setup in the app dashboard; not the number itself.",
        pattern=r"^[0-9]{1,32}$",
    )
    business_account_id: str = Field(
        "", title="WhatsApp Business account ID", description="Needed for templates.", pattern=r"^[0-9]{0,32}$"
    )
    access_token: SecretStr = secret(
        title="Access token", description="Of a system user, with whatsapp_business_messaging and whatsapp_business_management."
    )
    app_secret: SecretStr = secret(title="App secret", description="Signs the webhooks; in App settings, Basic.")
    verify_token: SecretStr = secret(
        title="Verify token", description="Your own words; enter the same in the app's webhook settings.", max_length=256
    )
    base_url: str = Field(
        GRAPH,
        title="Base URL",
        description="Where the Graph API is.",
        pattern=r"^https?://[^\s/?#@]+(/[^\s?#]*)?$",
        max_length=500,
    )
    version: str = Field("v23.0", title="Graph API version", pattern=r"^v[1-9][0-9]{0,2}\.[0-9]{1,2}$")

    def url(self, *parts: str) -> str:
        """The address of an object of the Graph API."""
        return "/".join((self.base_url.rstrip("/"), self.version, *parts))
