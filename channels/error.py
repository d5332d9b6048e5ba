"""What can go wrong between a provider's door and ours."""

from __future__ import annotations

from schemas.error import Invalid, PostDogError, Refused


class SignatureMissing(PostDogError):
    """This webhook carries no signature. Only the provider may call this address."""

    code = "signature_missing"  # answered with 401


class SignatureWrong(Refused):
    """This webhook's signature is wrong. Check the app secret in the channel's settings."""

    code = "signature_wrong"  # answered with 403


class ProviderRefused(PostDogError):
    """The provider refused this request. `reason` is its own code."""

    code = "provider_refused"

    def __init__(self, message: str, *, reason: str = "") -> None:
        super().__init__(message)
        self.reason = reason


class UnknownKind(Invalid):
    """Two channel kinds have the same name, or a plug-in gives something that is no channel kind."""

    code = "channel_kind"
