"""Where the parts of one fake stand in its application, and how an unknown object is refused."""

from aiohttp import web

from tests.fakes.graph.callbacks import Deliverer
from tests.fakes.graph.errors import GraphError
from tests.fakes.graph.state import State

STATE = web.AppKey("state", State)
DELIVERER = web.AppKey("deliverer", Deliverer)


def unknown_object(name: str) -> GraphError:
    details = (
        f"Unsupported request. Object with ID '{name}' does not exist, cannot be loaded due to missing permissions, "
        "or does not support this operation."
    )
    return GraphError(100, details, subcode=33)
