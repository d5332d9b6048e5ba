"""A server that the tests of one file share: each test brings its own channels, words and people."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.integration.server import Server, running_server


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """The shared server, without the ready-made flows. A test that uses it runs in the module's loop."""
    async with running_server(tmp_path_factory.mktemp("shared")) as running:
        yield running


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With `--dist loadgroup`, the tests that share a server stay in one process, so that it is started once."""
    for item in items:
        if "server" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group(item.path.name))
