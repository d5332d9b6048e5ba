"""WhatsApp templates in a flow: their parameters filled, and what keeps them from being sent."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from engine.core.build import Build
from engine.core.node import Fail
from engine.core.visit import Visit
from engine.core.world import TemplateInfo
from nodes.content import MediaConfig, TemplateConfig
from schemas.content import Media, TemplateMessage
from schemas.language import primary
from schemas.problem import pointer

APPROVED = "approved"
_PLACEHOLDER = re.compile(r"\{\{\s*([A-Za-z0-9_]{1,64})\s*\}\}")


def fill(body: str, positional: tuple[str, ...], named: Mapping[str, str]) -> str:
    """A template's body with its parameters; a placeholder without one stays as it is.

    >>> fill("Hi {{1}}, your code is {{code}}.", ("Anna",), {"code": "{{1}}"})
    'Hi Anna, your code is {{1}}.'
    """
    values = {str(place): value for place, value in enumerate(positional, 1)} | dict(named)
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), body)


def template_maker(config: TemplateConfig, build: Build) -> Callable[[Visit], TemplateMessage]:
    """What makes the template message for a contact."""
    parameters = tuple(build.text(source) for source in config.parameters)
    named = {name: build.text(source) for name, source in config.named.items()}
    header = tuple(build.text(source) for source in config.header)
    buttons = {place: build.text(source) for place, source in config.buttons.items()}
    media = media_maker(config.header_media, build) if config.header_media else None

    def make(visit: Visit) -> TemplateMessage:
        body = tuple(_one_line(visit.say(text)) for text in parameters)
        by_name = {name: _one_line(visit.say(text)) for name, text in named.items()}
        language = _language(visit, config) if visit.program.languages.by_tag else config.language
        info = visit.turn.world.templates.get((config.name, language))
        return TemplateMessage(
            name=config.name,
            language=language,
            body=body,
            named=by_name,
            header=tuple(_one_line(visit.say(text)) for text in header),
            header_media=media(visit) if media else None,
            buttons={place: visit.say(text) for place, text in buttons.items()},
            text=fill(info.body, body, by_name) if info else "",
        )

    return make


def _language(visit: Visit, config: TemplateConfig) -> str:
    """The language in which the flow speaks to the contact, where the template is approved in it; else the config's."""
    spoken = visit.language()
    for language in (spoken.replace("-", "_"), primary(spoken)):
        info = visit.turn.world.templates.get((config.name, language))
        if info is not None and info.status.lower() == APPROVED:
            return language
    return config.language


def template_trouble(visit: Visit, template: TemplateMessage) -> Fail | None:
    """Why this template can't be sent now, as far as we know; one that we don't know is left to the provider."""
    info: TemplateInfo | None = visit.turn.world.templates.get((template.name, template.language))
    if info is not None and info.status.lower() != APPROVED:
        return Fail("failed", "template_not_approved", f"the template {template.name} is {info.status.lower()}")
    if info is None and visit.channel is not None and not visit.channel.capabilities.templates:
        return Fail("failed", "unknown_template", f"the template {template.name} is not known, so its text can't be shown")
    return None


def media_maker(config: MediaConfig, build: Build) -> Callable[[Visit], Media]:
    """What makes the media message for a contact."""
    url, caption, filename = build.text(config.url), build.text(config.caption), build.text(config.filename)

    def make(visit: Visit) -> Media:
        return Media(
            kind=config.kind,
            url=visit.say(url).strip(),
            media=config.media,
            caption=visit.say(caption),
            filename=visit.say(filename),
        )

    return make


def template_sources(config: TemplateConfig, at: str) -> Iterator[tuple[str, str]]:
    """Every text of a template with its pointer."""
    for part, texts in (("parameters", config.parameters), ("header", config.header)):
        yield from ((at + pointer(part, index), text) for index, text in enumerate(texts))
    for part, table in (("named", config.named), ("buttons", config.buttons)):
        yield from ((at + pointer(part, key), text) for key, text in table.items())
    if config.header_media is not None:
        yield from media_sources(config.header_media, at + "/header_media")


def media_sources(config: MediaConfig, at: str) -> Iterator[tuple[str, str]]:
    """Every text of a media message with its pointer."""
    yield from ((at + pointer(part), getattr(config, part)) for part in ("url", "caption", "filename") if getattr(config, part))


def _one_line(text: str) -> str:
    """Meta refuses parameters with line breaks, tabs or more than four spaces in a row (error 132018)."""
    return " ".join(text.split())
