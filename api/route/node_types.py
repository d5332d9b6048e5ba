"""/node-types and /flow-schema: what the builder and other tools need to know to write flows."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, RootModel

from api.http.model import Output
from api.http.request import Request
from api.http.route import Route
from api.route.flow_model import PortShown
from api.route.listing import Items
from api.services import Services
from engine.core.node import NodeConfig, NodeType
from engine.core.schema import compose_schema, config_schema

TAGS = ("Node types",)


class NodeTypeShown(Output):
    """A kind of node: how it looks, what its config may be, and its ways out with the example's config."""

    type: str
    label: str
    group: str
    icon: str
    colour: str
    description: str
    card: Annotated[str, Field(description="The text on the card; {key} stands for a value of the config.")]
    config_schema: Annotated[dict[str, Any], Field(description="JSON Schema (2020-12) of the config.")]
    example: dict[str, Any]
    starter: Annotated[dict[str, Any], Field(description="The config that a new node begins with.")]
    starter_ports: Annotated[tuple[PortShown, ...], Field(description="The ways out of a new node.")]
    ports: tuple[PortShown, ...]
    starts: Annotated[bool, Field(description="A run can begin here.")]


class FlowSchema(RootModel[dict[str, Any]]):
    """The JSON Schema of flow documents."""


class NodeTypeRoutes:
    """Node types and the schema of documents, as this server has them."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._shown = Items[NodeTypeShown](data=tuple(map(_shown, services.node_types.values())))
        self._schema = FlowSchema(compose_schema(services.node_types))

    async def list_node_types(self, request: Request) -> Items[NodeTypeShown]:
        """List the node types with the schemas of their configs."""
        return self._shown

    async def get_flow_schema(self, request: Request) -> FlowSchema:
        """Read the JSON Schema (Draft 2020-12) of flow documents."""
        return self._schema

    @property
    def routes(self) -> tuple[Route, ...]:
        """The routes of this file."""
        return (
            Route("GET", "/node-types", self.list_node_types, TAGS, scope="flows:read"),
            Route("GET", "/flow-schema", self.get_flow_schema, TAGS, scope="flows:read"),
        )


def _shown(node_type: NodeType[Any]) -> NodeTypeShown:
    config = node_type.Config.model_validate(node_type.example)
    starter = node_type.example if node_type.starter is None else node_type.starter
    look = node_type.look
    return NodeTypeShown(
        type=node_type.name,
        label=look.label,
        group=look.group,
        icon=look.icon,
        colour=look.colour,
        description=look.description,
        card=look.card,
        config_schema=config_schema(node_type),
        example=dict(node_type.example),
        starter=dict(starter),
        starter_ports=_ports(node_type, node_type.Config.model_validate(starter)),
        ports=_ports(node_type, config),
        starts=node_type.trigger(config) is not None,
    )


def _ports(node_type: NodeType[Any], config: NodeConfig) -> tuple[PortShown, ...]:
    return tuple(PortShown(id=port.id, label=port.label, kind=port.kind) for port in node_type.ports(config))
