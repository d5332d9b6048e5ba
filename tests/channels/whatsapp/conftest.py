"""A fake Graph in the test's own event loop, without callbacks."""

from collections.abc import AsyncIterator

import pytest

from tests.channels.whatsapp.sample import Connected, on
from tests.fakes.graph.client import FakeGraph
from tests.fakes.graph.settings import Settings


@pytest.fixture
async def graph() -> AsyncIterator[FakeGraph]:
    async with FakeGraph.in_process(Settings(callbacks=False)) as made:
        yield made


@pytest.fixture
async def whatsapp(graph: FakeGraph) -> AsyncIterator[Connected]:
    async with on(graph) as made:
        yield made
