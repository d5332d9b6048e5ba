"""Meta's error codes: what the sender does about each. One table for answers and for statuses; keyed on the code, never on text.

Source: "Error codes" of Meta's Cloud API documentation, read in 2026-11, and what operators report of their behaviour.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from engine.runtime.protocol import Remedy

Note = Literal["", "opt_out", "bad_address", "pause_campaigns", "template", "media", "author", "attention"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a code means: the sender's remedy, whom else it concerns, and what to do next, for people.

    | note | meaning |
    |---|---|
    | `opt_out` | the person stopped marketing messages: their consent is withdrawn |
    | `bad_address` | the number is wrong or not on WhatsApp |
    | `pause_campaigns` | bulk sending over this channel should pause |
    | `template` | the template can't be sent now: campaigns on it should pause |
    | `media` | Meta could not take the file: upload it again |
    | `author` | our request is wrong: the author of the flow must see it |
    | `attention` | the operator must do something before anything can be sent |
    """

    remedy: Remedy
    note: Note
    advice: str


_TRANSIENT = Verdict("retry", "", "Meta has trouble. The message is tried again by itself.")
_SLOW_DOWN = Verdict("throttle_channel", "", "This number sends faster than Meta allows. Sending goes on more slowly.")
_PAIR = Verdict("throttle_contact", "", "Too many messages to the same person in a short time. It goes on in a moment.")
_SPAM = Verdict("never", "pause_campaigns", "Meta restricts this number. Pause campaigns; see WhatsApp Manager.")
_WINDOW = Verdict("window_closed", "", "More than 24 hours have passed since the person wrote. Only a template can be sent.")
_TODAY = Verdict("never", "", "Meta chose not to deliver this message to this person. Wait at least a day before the next one.")
_STOPPED = Verdict("never", "opt_out", "The person stopped marketing messages from this business.")
_RECIPIENT = Verdict("never", "bad_address", "This message can't reach the person. Check that the number is on WhatsApp.")
_NOT_ALLOWED = Verdict("never", "author", "This number isn't among the test recipients. Add it in the app's WhatsApp settings.")
_SELF = Verdict("never", "author", "A number can't write to itself.")
_BSUID = Verdict("never", "author", "This kind of message needs the person's phone number.")
_IDENTITY = Verdict("never", "bad_address", "The person's identity changed. Check that it is still the same person.")
_REQUEST = Verdict("never", "author", "Meta doesn't take this message as it is. Change it and send it again.")
_TEMPLATE = Verdict("never", "author", "The template doesn't exist in this language, or its parameters don't fit.")
_PAUSED = Verdict("never", "template", "Meta paused or disabled this template. Use another one, or wait until it is back.")
_MEDIA = Verdict("never", "media", "Meta could not take the file. Upload it again, or use another format.")
_BROKEN = Verdict("channel_broken", "attention", "Meta doesn't let this channel send. Check its access token and permissions.")
_MONEY = Verdict("channel_broken", "attention", "Meta doesn't bill this account. Check its payment method in WhatsApp Manager.")
_NAME = Verdict("channel_broken", "attention", "The number's display name isn't approved yet. Ask for it in WhatsApp Manager.")
_REGISTER = Verdict("channel_broken", "attention", "The number isn't registered with the Cloud API. Register it again.")

VERDICTS: dict[int, Verdict] = {
    # transient
    1: _TRANSIENT,
    2: _TRANSIENT,
    131000: _TRANSIENT,
    131016: _TRANSIENT,
    131057: _TRANSIENT,  # about a minute, while Meta raises the throughput
    135000: _TRANSIENT,  # only twice, see TRIES
    # throttle
    4: _SLOW_DOWN,
    80007: _SLOW_DOWN,
    130429: _SLOW_DOWN,
    133016: _SLOW_DOWN,
    131056: _PAIR,
    # spam and quality
    368: _SPAM,
    130497: _SPAM,
    131031: _SPAM,
    131048: _SPAM,
    131064: _SPAM,
    # the window, and not today
    131047: _WINDOW,
    130472: _TODAY,
    131049: _TODAY,
    131050: _STOPPED,
    # the recipient
    131021: _SELF,
    131026: _RECIPIENT,
    131030: _NOT_ALLOWED,
    131062: _BSUID,
    137000: _IDENTITY,
    # our request
    100: _REQUEST,
    131008: _REQUEST,
    131009: _REQUEST,
    131051: _REQUEST,
    132000: _TEMPLATE,
    132001: _TEMPLATE,
    132005: _TEMPLATE,
    132007: _TEMPLATE,
    132008: _TEMPLATE,
    132012: _TEMPLATE,
    132018: _TEMPLATE,
    132015: _PAUSED,
    132016: _PAUSED,
    132068: _REQUEST,
    132069: _REQUEST,
    # media
    131052: _MEDIA,
    131053: _MEDIA,
    # authorisation and money
    0: _BROKEN,
    3: _BROKEN,
    10: _BROKEN,
    33: _BROKEN,
    190: _BROKEN,
    131005: _BROKEN,
    131037: _NAME,
    131042: _MONEY,
    131045: _REGISTER,
}
TRIES: dict[int, int] = {135000: 2}
"""Codes that are transient only for so many tries of one message; then it is refused for good."""

STALE_MEDIA = frozenset({100, 131009, 131052, 131053})
"""Codes by which Meta may say that it doesn't know an uploaded file any more: it is uploaded and sent again, once."""

UNKNOWN_OBJECT = 33
"""The subcode of 100 by which Graph says that an id doesn't exist or isn't ours."""


def explain(detail: str, found: Verdict) -> str:
    """The provider's words, and behind them what to do next.

    >>> explain("Re-engagement message", VERDICTS[131030])
    "Re-engagement message. This number isn't among the test recipients. Add it in the app's WhatsApp settings."
    """
    said = detail.strip()
    return " ".join(part for part in (said if not said or said[-1] in ".!?" else f"{said}.", found.advice) if part)


def verdict(code: int | None, *, status: int = 0, subcode: int | None = None) -> Verdict:
    """What to do about an error code, or about an HTTP status where the body held none.

    A 5xx without a code means that the message was not accepted: it is tried again. (504 is not told here: a gateway that gave
    up waiting says nothing about what stands behind it; the client takes it for lost.)

    >>> verdict(131056).remedy, verdict(None, status=503).remedy, verdict(204).remedy
    ('throttle_contact', 'retry', 'channel_broken')
    """
    if code == 100 and subcode == UNKNOWN_OBJECT:
        return _BROKEN
    if code is not None and code in VERDICTS:
        return VERDICTS[code]
    if code is not None and 200 <= code <= 299:
        return _BROKEN
    if status == 429:
        return _SLOW_DOWN
    if status in (401, 403):
        return _BROKEN
    if status >= 500 or status == 408:
        return _TRANSIENT
    if code is None and 300 <= status < 400:
        return Verdict("channel_broken", "attention", "The address of the Graph API redirects. Check the channel's base URL.")
    return _REQUEST
