"""The routes of flows and set-up, for the application."""

from __future__ import annotations

from api.hooks.call import CallHookRoutes
from api.http.route import Route
from api.route.ai import AiRoutes
from api.route.channels import ChannelRoutes
from api.route.explore import ExploreRoutes
from api.route.fields import FieldRoutes
from api.route.flow_hook import FlowHookRoutes
from api.route.flow_runs import FlowRunRoutes
from api.route.flows import FlowRoutes
from api.route.globals import GlobalRoutes
from api.route.hours import HoursRoutes
from api.route.keys import KeyRoutes
from api.route.media import MediaRoutes
from api.route.node_types import NodeTypeRoutes
from api.route.secrets import SecretRoutes
from api.route.settings import SettingsRoutes
from api.route.teams import TeamRoutes
from api.route.templates import TemplateRoutes
from api.route.translations import TranslationRoutes
from api.route.trials import TrialRoutes
from api.route.users import UserRoutes
from api.route.versions import VersionRoutes
from api.route.webhooks import WebhookRoutes
from api.services import Services


def setup_routes(services: Services) -> tuple[Route, ...]:
    """Everything that is needed to set up a workspace and its flows."""
    return (
        *FlowRoutes(services).routes,
        *VersionRoutes(services).routes,
        *TranslationRoutes(services).routes,
        *ExploreRoutes(services).routes,
        *TrialRoutes(services).routes,
        *FlowRunRoutes(services).routes,
        *TemplateRoutes(services).routes,
        *MediaRoutes(services).routes,
        *ChannelRoutes(services).routes,
        *FieldRoutes(services).routes,
        *TeamRoutes(services).routes,
        *UserRoutes(services).routes,
        *NodeTypeRoutes(services).routes,
        *FlowHookRoutes(services).routes,
        *CallHookRoutes(services).routes,
        *KeyRoutes(services).routes,
        *WebhookRoutes(services).routes,
        *SecretRoutes(services).routes,
        *SettingsRoutes(services).routes,
        *HoursRoutes(services).routes,
        *GlobalRoutes(services).routes,
        *AiRoutes(services).routes,
    )
