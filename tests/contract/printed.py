"""The requests that the documents of the API print, as they stand there, and a reader for them.

They are parsed, not run by a shell: one has an `&` without quotes. Comments of the documents are taken out as a reader would.
"""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

SEND_MESSAGE = r"""
curl -X POST https://api.postdog.app/v1/messages \
  -H "Authorization: Bearer pd_live_..." \
  -H "Content-Type: application/json" \
  -d '{
    "channel_id": "ch_123456",
    "to": "+15550109999",
    "content": {
      "type": "text",
      "text": "Hello world!"
    }
  }'
"""
LIST_CONTACTS = r"""
curl https://api.postdog.app/v1/contacts?page=1&limit=50 \
  -H "Authorization: Bearer pd_live_..."
"""
CREATE_CONTACT = r"""
curl -X POST https://api.postdog.app/v1/contacts \
  -H "Authorization: Bearer pd_live_..." \
  -H "Content-Type: application/json" \
  -d '{
    "name": "John Doe",
    "phone": "+1234567890",
    "email": "john@example.com",
    "tags": ["customer", "vip"]
  }'
"""
LIST_TEMPLATES = r"""
curl https://api.postdog.app/v1/templates \
  -H "Authorization: Bearer pd_live_..."
"""
CREATE_TEMPLATE = r"""
curl -X POST https://api.postdog.app/v1/templates \
  -H "Authorization: Bearer pd_live_..." \
  -H "Content-Type: application/json" \
  -d '{
    "name": "order_confirmation",
    "category": "UTILITY",
    "language": "en",
    "body": "Hi {{1}}, your order #{{2}} has been confirmed!"
  }'
"""
PRINTED_ERROR = {"error": {"code": 400, "message": "Invalid phone number format. Use E.164 format: +1234567890"}}

SEND_TEXT = r"""
curl -X POST https://whatsapp.pdthosting.com/api/v1/send \
  -H "X-API-Key: YOUR_API_KEY" \
  -H "Content-Type: application/json" \
  -d '{"phone":"8801XXXXXXXXX","message":"Hi there"}'
"""
SEND_TEXT_BODY = """{
  "phone":        "8801XXXXXXXXX",   // digits only, no +
  "message":      "Hello {name}, your code is 1234",
  "device_label": "primary"          // optional, defaults to "primary". Use GET /devices to list yours.
}"""
UPSERT_CONTACT = """{
  "phone":  "8801XXXXXXXXX",
  "name":   "Alice",
  "tag":    "leads",
  "custom": "VIP"
}"""
BULK_CONTACTS = """{
  "contacts": [
    {"phone": "8801711111111", "name": "Alice", "tag": "vip"},
    {"phone": "8801722222222", "name": "Bob",   "tag": "vip"}
  ]
}"""
ROTATE_KEY = r"""
curl -X POST https://whatsapp.pdthosting.com/api/v1/keys/rotate -H "X-API-Key: YOUR_API_KEY"
"""
ACCOUNTS_KEY = r"""
curl https://api.postdodo.com/v1/contacts \
  -H "Authorization: Bearer pd_live_YOUR_API_KEY"
"""

FILLED = {"8801XXXXXXXXX": "8801712345678"}
"""What a reader writes for the documents' placeholders; `pd_live_...` and `YOUR_API_KEY` are keys that the server knows."""


@dataclass(frozen=True)
class Printed:
    """A request as it is printed."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


def curl(printed: str) -> Printed:
    """The request of a printed curl command."""
    words = shlex.split(filled(printed).replace("\\\n", " "))
    assert words.pop(0) == "curl"
    method, address, headers, body = "", "", {}, None
    while words:
        match words.pop(0):
            case "-X":
                method = words.pop(0)
            case "-H":
                name, value = words.pop(0).split(": ", 1)
                headers[name] = value
            case "-d":
                body = json.loads(words.pop(0))
            case word:
                address = word
    parts = urlsplit(address)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    return Printed(method or ("GET" if body is None else "POST"), path, headers, body)


def commented(printed: str) -> Any:
    """A printed JSON body without its comments."""
    return json.loads(re.sub(r"\s//.*", "", filled(printed)))


def filled(printed: str) -> str:
    for placeholder, value in FILLED.items():
        printed = printed.replace(placeholder, value)
    return printed
