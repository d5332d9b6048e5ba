"""What makes a Send Message node's content for a contact: every text filled, nothing fitted to a channel yet."""

from __future__ import annotations

from collections.abc import Callable

from engine.core.build import Build
from engine.core.degrade import cut, fit
from engine.core.evolve import evolve
from engine.core.node import Fail
from engine.core.phrase import Phrase
from engine.core.visit import Visit
from nodes.content import ListConfig, LocationConfig, SendMessageConfig
from nodes.template import media_maker, media_sources, template_maker, template_sources
from schemas.capability import Capabilities
from schemas.content import Button, Buttons, Content, Location, Media, Menu, Row, Section, Text
from schemas.problem import pointer

PLAIN_CHANNEL = Capabilities()
OPEN_A_LIST = Phrase("open_list")
Make = Callable[[Visit], Content]


def content_maker(config: SendMessageConfig, build: Build) -> Make:
    """The one kind of content that the config holds; of several, the one that says most."""
    if config.template is not None:
        return template_maker(config.template, build)
    if config.location is not None:
        return _location(config.location, build)
    if config.buttons:
        return _buttons(config, build)
    if config.list is not None:
        return _menu(config, config.list, build)
    if config.media is not None:
        return media_maker(config.media, build)
    text = build.text(config.text)
    if text.static is not None:
        constant = Text(text.static)
        return lambda visit: constant
    return lambda visit: Text(visit.say(text))


def _buttons(config: SendMessageConfig, build: Build) -> Make:
    text, header, footer = build.text(config.text), build.text(config.header), build.text(config.footer)
    titles = [(button.id, build.text(button.title)) for button in config.buttons]
    media = media_maker(config.media, build) if config.media else None

    def make(visit: Visit) -> Buttons:
        return Buttons(
            text=visit.say(text),
            buttons=tuple(Button(id, visit.say(title).strip() or id) for id, title in titles),
            header=visit.say(header),
            header_media=media(visit) if media else None,
            footer=visit.say(footer),
        )

    return make


def _menu(config: SendMessageConfig, menu: ListConfig, build: Build) -> Make:
    text, header, footer = build.text(config.text), build.text(config.header), build.text(config.footer)
    button = build.text(menu.button) if "button" in menu.model_fields_set else None
    sections = [
        (build.text(section.title), [(row.id, build.text(row.title), build.text(row.description)) for row in section.rows])
        for section in menu.sections
    ]

    def make(visit: Visit) -> Menu:
        return Menu(
            text=visit.say(text),
            button=visit.say(button) if button is not None else visit.own_words(OPEN_A_LIST),
            sections=tuple(
                Section(
                    tuple(Row(id, visit.say(name).strip() or id, visit.say(about)) for id, name, about in rows),
                    visit.say(title),
                )
                for title, rows in sections
            ),
            header=visit.say(header),
            footer=visit.say(footer),
        )

    return make


def _location(config: LocationConfig, build: Build) -> Make:
    name, address = build.text(config.name), build.text(config.address)
    return lambda visit: Location(config.latitude, config.longitude, visit.say(name), visit.say(address))


def fitted(visit: Visit, meant: Content, failed: str) -> Content | Fail:
    """The content as the run's channel can show it, or the failure of having nothing to say."""
    capabilities = visit.channel.capabilities if visit.channel else PLAIN_CHANNEL
    shown = fit(meant, capabilities)
    if isinstance(shown, Menu) and isinstance(meant, Buttons):
        shown = evolve(shown, button=cut(visit.own_words(OPEN_A_LIST), capabilities.list_button))
    if empty := empty_reason(shown):
        return Fail(failed, empty, "there is nothing to send once the merge fields are filled")
    return shown


def empty_reason(content: Content) -> str:
    """Why there is nothing to send once the merge fields are filled, as a code; "" where there is something."""
    if type(content) is Text:
        return "" if content.text.strip() else "empty_text"
    match content:
        case Text(text=text) | Buttons(text=text) | Menu(text=text) if not text.strip():
            return "empty_text"
        case Media(url=url, media="") if not url.startswith("https://"):
            return "bad_url"
        case _:
            return ""


def message_sources(config: SendMessageConfig) -> dict[str, str]:
    """Every text of the config by its pointer."""
    sources = {"/" + part: getattr(config, part) for part in ("text", "header", "footer")}
    sources |= {pointer("buttons", index, "title"): button.title for index, button in enumerate(config.buttons)}
    if config.list is not None:
        sources["/list/button"] = config.list.button
        for at, section in enumerate(config.list.sections):
            sources[pointer("list", "sections", at, "title")] = section.title
            for index, row in enumerate(section.rows):
                where = pointer("list", "sections", at, "rows", index)
                sources |= {where + "/title": row.title, where + "/description": row.description}
    if config.media is not None:
        sources.update(media_sources(config.media, "/media"))
    if config.location is not None:
        sources |= {"/location/name": config.location.name, "/location/address": config.location.address}
    for part, template in (("/template", config.template), ("/fallback", config.fallback)):
        if template is not None:
            sources.update(template_sources(template, part))
    return {at: source for at, source in sources.items() if source}
