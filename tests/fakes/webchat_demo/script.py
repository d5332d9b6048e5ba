"""What the demo's bot says: every kind of content the browser must show, each behind a word."""

from __future__ import annotations

from typing import Any

Content = dict[str, Any]

BUTTONS: Content = {
    "kind": "buttons",
    "header": "Order #4812",
    "text": "Your parcel is *on its way* and arrives tomorrow between 9:00 and 12:00. What would you like to do?",
    "footer": "You can change this until 20:00 today",
    "buttons": [
        {"id": "keep", "title": "Keep this time"},
        {"id": "move", "title": "Choose another day"},
        {"id": "agent", "title": "Talk to a person"},
    ],
}
LIST: Content = {
    "kind": "list",
    "text": "Which day suits you?",
    "button": "Choose a day",
    "sections": [
        {
            "title": "This week",
            "rows": [
                {"id": "thu", "title": "Thursday", "description": "9:00 to 12:00"},
                {"id": "fri", "title": "Friday", "description": "13:00 to 18:00"},
            ],
        },
        {"title": "Next week", "rows": [{"id": "mon", "title": "Monday", "description": "All day, no signature"}]},
    ],
}
IMAGE: Content = {"kind": "image", "url": "/demo/picture.svg", "mime": "image/svg+xml", "caption": "The new reading lamp"}
DOCUMENT: Content = {"kind": "document", "url": "/demo/picture.svg", "mime": "application/pdf", "name": "Invoice 4812.pdf"}
LOCATION: Content = {
    "kind": "location",
    "latitude": 52.52,
    "longitude": 13.405,
    "name": "Lumen store",
    "address": "Alexanderplatz 1, Berlin",
}
TEMPLATE: Content = {
    "kind": "template",
    "text": "Hi Sam, your lamp is back in stock.",
    "buttons": [{"id": "reserve", "title": "Reserve one"}],
}
BY_WORD: dict[str, Content] = {
    "buttons": BUTTONS,
    "list": LIST,
    "move": LIST,
    "image": IMAGE,
    "document": DOCUMENT,
    "location": LOCATION,
    "template": TEMPLATE,
}


def answer(content: Content) -> tuple[str, str | None, Content] | None:
    """`(from, name, content)` for what a visitor sent, or None where the bot keeps silent.

    >>> answer({"kind": "text", "text": "hello"})
    ('bot', None, {'kind': 'text', 'text': 'You said: hello'})
    """
    word = str(content.get("button") or content.get("text") or content["kind"]).strip()
    if word == "quiet":
        return None
    if word == "agent":
        return "agent", "Ann Becker", {"kind": "text", "text": "Hi, this is Ann. How can I help?"}
    if content["kind"] == "choice" and word not in BY_WORD:
        return "bot", None, {"kind": "text", "text": f"You chose: {content['title']}"}
    return "bot", None, BY_WORD.get(word, {"kind": "text", "text": f"You said: {word}"})
