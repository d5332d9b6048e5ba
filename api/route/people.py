"""The routes of people and talk, for the application."""

from __future__ import annotations

from api.hooks.channel import ChannelHooks
from api.http.route import Route
from api.route.contacts import ContactRoutes
from api.route.conversations import ConversationRoutes
from api.route.events import EventRoutes
from api.route.messages import MessageRoutes
from api.route.notices import NoticeRoutes
from api.route.runs import RunRoutes
from api.route.tags import TagRoutes
from api.route.timeline import TimelineRoutes
from api.services import Services


def people_routes(services: Services) -> tuple[Route, ...]:
    """Everything about contacts, what is said with them, and what flows do with them.

    The live stream (`api.route.live.LiveRoutes`) comes beside: it must be closed when the server stops.
    """
    return (
        *ContactRoutes(services).routes,
        *TimelineRoutes(services).routes,
        *TagRoutes(services).routes,
        *MessageRoutes(services).routes,
        *ConversationRoutes(services).routes,
        *RunRoutes(services).routes,
        *EventRoutes(services).routes,
        *ChannelHooks(services).routes,
        *NoticeRoutes(services).routes,
    )
