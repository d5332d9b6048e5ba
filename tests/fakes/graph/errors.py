"""Meta's error codes with their titles and HTTP statuses, and the body in which they are told.

Titles and statuses: "Error codes" page of Meta's WhatsApp Cloud API documentation.
"""

from dataclasses import dataclass
from typing import Any

JsonObject = dict[str, Any]

HREF = "https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes/"

# code -> (HTTP status, title, default details)
CODES: dict[int, tuple[int, str, str]] = {
    0: (401, "AuthException", "We were unable to authenticate the app user."),
    1: (400, "API Unknown", "Invalid request or possible server error."),
    2: (503, "API Service", "Temporary due to downtime or due to being overloaded."),
    3: (500, "API Method", "Capability or permissions issue."),
    4: (429, "API Too Many Calls", "The app has reached its API call rate limit."),
    10: (403, "Permission Denied", "Permission is either not granted or has been removed."),
    33: (400, "Parameter value is not valid", "The business phone number has been deleted."),
    100: (400, "Invalid parameter", "The request included one or more unsupported or misspelled parameters."),
    190: (401, "Invalid OAuth access token", "Your access token has expired or is not valid."),
    200: (403, "API Permission", "Permission is either not granted or has been removed."),
    368: (403, "Temporarily blocked for policies violations", "The account has been restricted or disabled."),
    80007: (429, "Rate limit issues", "The WhatsApp Business Account has reached its rate limit."),
    130429: (
        429,
        "Rate limit hit",
        "Message failed to send because there were too many messages sent from this phone number in a short period "
        "of time",
    ),
    130472: (400, "User's number is part of an experiment", "Message was not sent as part of an experiment."),
    130497: (403, "Business account is restricted from messaging users in this country.", "Country not allowed."),
    131000: (500, "Something went wrong", "Message failed to send due to an unknown error."),
    131005: (403, "Access denied", "Permission is either not granted or has been removed."),
    131008: (400, "Required parameter is missing", "The request is missing a required parameter."),
    131009: (400, "Parameter value is not valid", "One or more parameter values are invalid."),
    131016: (500, "Service unavailable", "A service is temporarily unavailable."),
    131021: (400, "Recipient cannot be sender", "Sender and recipient phone number is the same."),
    131026: (400, "Message undeliverable", "Message Undeliverable."),
    131030: (400, "Recipient phone number not in allowed list", "Recipient phone number not in allowed list."),
    131031: (403, "Account has been locked", "The account has been restricted or disabled."),
    131037: (400, "Display name approval needed", "The phone number needs display name approval."),
    131042: (400, "Business eligibility payment issue", "There was an error related to your payment method."),
    131045: (500, "Incorrect certificate", "Message failed to send due to a phone number registration error."),
    131047: (
        400,
        "Re-engagement message",
        "Message failed to send because more than 24 hours have passed since the customer last replied to this number.",
    ),
    131048: (400, "Spam rate limit hit", "There are restrictions on how many messages can be sent from this number."),
    131049: (400, "Meta chose not to deliver", "This message was not delivered to maintain healthy engagement."),
    131050: (400, "User stopped marketing messages", "The user has stopped receiving marketing messages."),
    131051: (400, "Message type unknown", "Message type is currently not supported."),
    131052: (400, "Media download error", "Unable to download the media sent by the user."),
    131053: (400, "Media upload error", "Unable to upload the media used in the message."),
    131056: (
        400,
        "(Business Account, Consumer Account) pair rate limit hit",
        "Message failed to send because there were too many messages sent from this phone number to the same phone "
        "number in a short period of time.",
    ),
    131057: (500, "Account in maintenance mode", "Business Account is in maintenance mode."),
    # [mem] 131062 and 131064 are told by partners' copies of Meta's pages, not by a page that was read
    131062: (400, "Business-scoped user id not supported for this message", "Send this message to a phone number."),
    131064: (400, "Messaging limit reached", "The portfolio has reached its messaging limit."),
    132000: (400, "Number of parameters does not match the expected number of params", "Parameter count mismatch."),
    132001: (404, "Template name does not exist in the translation", "The template does not exist or is not approved."),
    132005: (400, "Translated text too long", "Translated text is too long."),
    132007: (400, "Template format character policy violated", "Template content violates a WhatsApp policy."),
    132012: (400, "Parameter format does not match format in the created template", "Parameter format mismatch."),
    132015: (400, "Template is paused", "Template is paused due to low quality and cannot be sent."),
    132016: (400, "Template is disabled", "Template has been paused too many times and is permanently disabled."),
    132068: (400, "Flow in blocked state", "Flow is in blocked state."),
    132069: (400, "Flow in throttled state", "Flow is in throttled state."),
    133016: (400, "Account register deregister rate limit exceeded", "Too many attempts."),
    135000: (400, "Generic user error", "Message failed to send because of an unknown error with your parameters."),
    137000: (400, "User identity changed", "The recipient's identity key hash does not match."),
}


@dataclass(eq=False)
class GraphError(Exception):
    """A refusal by Graph: its code, what it says, and optionally a status that is not the usual one."""

    code: int
    details: str = ""
    status: int | None = None
    subcode: int | None = None

    @property
    def http_status(self) -> int:
        return self.status or CODES.get(self.code, (400, "", ""))[0]


def title(code: int) -> str:
    """The title of a code; unknown codes read "Unknown error"."""
    return CODES.get(code, (400, "Unknown error", ""))[1]


def error_body(error: GraphError, trace: str) -> JsonObject:
    """The HTTP body of a refusal. Errors of the Graph platform itself (190, unknown objects) carry no error_data."""
    details = error.details or CODES.get(error.code, (400, "", "Unknown error."))[2]
    inner: JsonObject = {
        "message": f"(#{error.code}) {title(error.code)}",
        "type": "OAuthException",
        "code": error.code,
    }
    if error.code == 190 or error.subcode is not None:
        inner["message"] = details
        if error.subcode is not None:
            inner["error_subcode"] = error.subcode
            inner["type"] = "GraphMethodException" if error.code == 100 else "OAuthException"
    else:
        inner["error_data"] = {"messaging_product": "whatsapp", "details": details}
    inner["fbtrace_id"] = trace
    return {"error": inner}


def webhook_error(code: int, details: str = "") -> JsonObject:
    """The same error as an element of `errors[]` in a webhook (status `failed`, or the whole account)."""
    name = title(code)
    data = {"details": details or CODES.get(code, (400, "", "Unknown error."))[2]}
    return {"code": code, "title": name, "message": name, "error_data": data, "href": HREF}
