"""What is wrong with a Send Message config: empty or mixed content, doubled ids, and what a channel can't show."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from engine.core.scope import Scope
from nodes.content import MAX_ROWS, MediaConfig, SendMessageConfig, TemplateConfig
from nodes.finding import id_problems, text_problems
from nodes.message import message_sources
from schemas.capability import Capabilities
from schemas.problem import Problem, pointer


def message_problems(config: SendMessageConfig, scope: Scope, reserved: Collection[str]) -> Iterator[Problem]:
    """Everything that the models can't see, pointers relative to the config."""
    yield from _kinds(config)
    yield from id_problems(_ids(config), reserved)
    yield from text_problems(message_sources(config), scope)
    if config.list and sum(len(section.rows) for section in config.list.sections) > MAX_ROWS:
        yield Problem("too_many_rows", "error", "/list/sections", f"A list has at most {MAX_ROWS} rows in all.", "Remove some.")
    if config.list and len(config.list.sections) > 1:
        for index, section in enumerate(config.list.sections):
            if not section.title.strip():
                at = pointer("list", "sections", index, "title")
                yield Problem("missing_title", "error", at, "Each of several sections needs a title.", "Give it a title.")
    if config.media is not None:
        yield from _media(config.media, "/media")
    if "timeout" in scope.build.wired and config.choices and config.timeout is None:
        hint = "Set a timeout, or remove the edge."
        yield Problem("timeout_never", "warning", "/timeout", "The port timeout is wired, but no timeout is set.", hint)
    for at, template in (("/template", config.template), ("/fallback", config.fallback)):
        if template is not None:
            yield from _template(template, at)
    for channel, capabilities in scope.channels.items():
        yield from _channel(config, channel, capabilities)


def _kinds(config: SendMessageConfig) -> Iterator[Problem]:
    """Exactly one kind of content, and what belongs to it."""
    choice = bool(config.buttons or config.list)
    if not (config.text or config.media or config.template or config.location or choice):
        yield Problem("empty_content", "error", "", "This node says nothing.", "Write a text, or choose media or a template.")
    if choice and not config.text:
        yield Problem("missing_text", "error", "", "Buttons and lists stand below a text.", "Write the question as text.")
    if config.buttons and config.list:
        yield Problem("two_contents", "error", "/list", "A message has buttons or a list, not both.", "Remove one of them.")
    said = config.text or choice
    for part, there in (("template", config.template), ("location", config.location)):
        if there is not None and (said or config.media or (part == "location" and config.template)):
            message = f"A {part} is sent on its own."
            yield Problem("two_contents", "error", "/" + part, message, "Send the rest by a node of its own.")
    if config.media and config.list:
        message = "A list can't have media above it."
        yield Problem("two_contents", "error", "/media", message, "Send the media by a node of its own before.")
    elif config.media and config.text and not config.buttons:
        yield Problem("two_contents", "error", "/media", "Media says its text as its caption.", "Move the text into the caption.")
    if config.media and config.header and config.buttons:
        yield Problem("two_headers", "error", "/header", "The header is a text or media, not both.", "Remove one of them.")
    for part in ("header", "footer"):
        if getattr(config, part) and not choice:
            message = f"A {part} belongs to buttons or a list."
            yield Problem("unused_" + part, "error", "/" + part, message, "Add buttons, or move it into the text.")
    for part in ("timeout", "save_as"):
        if getattr(config, part) and not choice:
            message = "Only a message with buttons or a list waits for an answer."
            yield Problem("unused_" + part, "error", "/" + part, message, "Add a Wait node after this one.")
    if config.template and config.fallback:
        message = "A template needs no fallback: it may always be sent."
        yield Problem("unused_fallback", "error", "/fallback", message, "Remove the fallback.")


def _ids(config: SendMessageConfig) -> dict[str, str]:
    ids = {pointer("buttons", index, "id"): button.id for index, button in enumerate(config.buttons)}
    for at, section in enumerate(config.list.sections if config.list else ()):
        ids |= {pointer("list", "sections", at, "rows", index, "id"): row.id for index, row in enumerate(section.rows)}
    return ids


def _media(media: MediaConfig, at: str) -> Iterator[Problem]:
    if not (media.media or media.url):
        yield Problem("missing_media", "error", at, "There is no file.", "Upload one, or give its https address.")
    elif media.media and media.url:
        yield Problem("two_media", "error", at + "/url", "An uploaded file and an address are given.", "Keep one of them.")
    elif media.url and not media.url.startswith(("https://", "{")):
        yield Problem("bad_url", "error", at + "/url", "The address doesn't start with https://.", "Use an https address.")
    if media.kind == "audio" and media.caption:
        message = "Audio messages have no caption on WhatsApp."
        yield Problem("caption_lost", "warning", at + "/caption", message, "Send the text by a node of its own.")


def _template(template: TemplateConfig, at: str) -> Iterator[Problem]:
    if template.parameters and template.named:
        message = "A template has numbered or named parameters, not both."
        yield Problem("two_parameters", "error", at + "/named", message, "Keep the kind that the template was approved with.")
    if template.header_media is not None:
        yield from _media(template.header_media, at + "/header_media")
    for key in template.buttons:
        if not (key.isascii() and key.isdecimal() and len(key) == 1):
            where = at + pointer("buttons", key)
            hint = "Use 0 for the first, 1 for the second …"
            yield Problem("bad_button", "error", where, f"{key!r} is no button's place.", hint)


def _channel(config: SendMessageConfig, channel: str, capabilities: Capabilities) -> Iterator[Problem]:
    """What this channel cuts or shows in another way."""
    limits = message_limits(config, capabilities)
    as_buttons = len(config.buttons) <= capabilities.buttons
    if _as_text(config, capabilities):
        at = "/buttons" if config.buttons else "/list"
        yield Problem("shown_as_text", "info", at, f"{channel} shows these choices as numbered text.")
    elif config.buttons and not as_buttons:
        yield Problem("shown_as_list", "info", "/buttons", f"{channel} shows these buttons as a list.")
    for where, source in message_sources(config).items():
        limit = limits.get(where)
        if limit is not None and len(source) > limit:
            message = f"This has {len(source)} characters; {channel} shows at most {limit}, and the rest is cut."
            yield Problem("text_too_long", "warning", where, message, "Make it shorter.")
    if config.media is not None and config.media.kind not in capabilities.media:
        message = f"{channel} can't show this kind of media; its address is sent as text."
        yield Problem("media_not_shown", "warning", "/media/kind", message, "Choose another kind, or another channel.")


def _as_text(config: SendMessageConfig, capabilities: Capabilities) -> bool:
    """Whether the channel can show these choices as nothing but numbered text."""
    most = max(capabilities.rows, capabilities.buttons if config.buttons else 0)
    return len(config.choices) > most


def message_limits(config: SendMessageConfig, capabilities: Capabilities) -> dict[str, int]:
    """How many characters of each text the channel shows, by pointers into the config."""
    choice = bool(config.choices)
    if choice and _as_text(config, capabilities):
        return {"/text": capabilities.text}
    limits = {"/text": capabilities.interactive_text if choice else capabilities.text}
    limits |= {"/header": capabilities.header, "/footer": capabilities.footer, "/list/button": capabilities.list_button}
    as_buttons = len(config.buttons) <= capabilities.buttons
    for index in range(len(config.buttons)):
        limits[pointer("buttons", index, "title")] = capabilities.button_title if as_buttons else capabilities.row_title
    for index, section in enumerate(config.list.sections if config.list else ()):
        limits[pointer("list", "sections", index, "title")] = capabilities.row_title
        for row in range(len(section.rows)):
            where = pointer("list", "sections", index, "rows", row)
            limits |= {where + "/title": capabilities.row_title, where + "/description": capabilities.row_description}
    limits["/media/caption"] = capabilities.caption
    return limits
