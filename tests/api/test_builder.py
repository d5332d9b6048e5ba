"""The builder's pages: files, the page for every other address, and plain words where nothing was built."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from api.builder import Builder
from api.http.app import create_http_app
from api.http.endpoint import HttpServices
from tests.api.office import Turning

PAGE = "<!doctype html><title>PostDog</title>"
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pages = tmp_path / "web"
    (pages / "assets").mkdir(parents=True)
    (pages / "index.html").write_text(PAGE)
    (pages / "favicon.svg").write_text("<svg/>")
    script = pages / "assets" / "index-4f2c81d0.js"
    script.write_text("console.log('hello')" * 50)
    script.with_name(script.name + ".gz").write_bytes(gzip.compress(script.read_bytes()))
    (tmp_path / "secret.js").write_text("secret")
    return pages


async def nobody(key: str) -> None:
    return None


@pytest_asyncio.fixture
async def client(folder: Path) -> AsyncIterator[TestClient]:
    builder = Builder(folder)
    services = HttpServices(authenticate=nobody, now=Turning().now)
    app = create_http_app((), services, inner=(builder.middleware(),))
    builder.mount(app)

    async def taken(request: web.Request) -> web.Response:
        raise web.HTTPNotFound

    app.router.add_get("/taken", taken)
    async with TestClient(TestServer(app), headers=BROWSER) as running:
        yield running


@pytest.mark.parametrize("path", ["/", "/flows", "/flows/flow_1", "/welcome", "/settings/channels?x=1", "/somewhere/else"])
async def test_every_address_of_its_own_gets_the_page(client: TestClient, path: str) -> None:
    answer = await client.get(path)
    assert (answer.status, await answer.text()) == (200, PAGE)
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-cache"


async def test_the_page_may_load_only_what_is_ours(client: TestClient) -> None:
    answer = await client.get("/flows")
    policy = dict(each.strip().partition(" ")[::2] for each in answer.headers["Content-Security-Policy"].split(";"))
    host = answer.url.authority
    assert policy["default-src"] == policy["script-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["object-src"] == policy["base-uri"] == "'none'"
    assert policy["connect-src"] == f"'self' ws://{host} wss://{host}"
    assert "unsafe" not in policy["script-src"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_strange_host_writes_nothing_into_the_policy(client: TestClient) -> None:
    answer = await client.get("/", headers={"Host": "evil;script-src *"})
    assert "evil" not in answer.headers.get("Content-Security-Policy", "")


@pytest.mark.parametrize(
    "path", ["/v1/nothing", "/api/v1/nothing", "/hooks/x", "/chat", "/docs/none", "/assets/none.js", "/taken"]
)
async def test_what_is_no_page_is_an_error_in_json(client: TestClient, path: str) -> None:
    answer = await client.get(path)
    assert (answer.status, (await answer.json())["error"]["type"]) == (404, "not_found")


async def test_a_program_that_mistook_an_address_gets_json(client: TestClient) -> None:
    for accepts in ("*/*", "application/json"):
        answer = await client.get("/contacts", headers={"Accept": accepts})
        assert (answer.status, (await answer.json())["error"]["type"]) == (404, "not_found")


async def test_only_reading_gets_the_page(client: TestClient) -> None:
    assert (await client.post("/flows")).status == 404
    assert (await client.head("/flows")).status == 200
    assert (await client.post("/")).status == 405


async def test_assets_are_kept_for_ever_and_sent_compressed(client: TestClient) -> None:
    plain = await client.get("/assets/index-4f2c81d0.js", headers={"Accept-Encoding": "identity"})
    assert "immutable" in plain.headers["Cache-Control"]
    assert plain.headers["Content-Type"] == "text/javascript; charset=utf-8"
    packed = await client.get("/assets/index-4f2c81d0.js", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert await packed.read() == await plain.read()


@pytest.mark.parametrize(
    "path", ["/assets/..%2f..%2fsecret.js", "/assets/..%5csecret.js", "/..%2fsecret.js", "/%2e%2e/secret.js", "/assets/.env.js"]
)
async def test_nothing_beside_the_folder_is_served(client: TestClient, path: str) -> None:
    answer = await client.get(path)
    assert "secret" not in await answer.text()


async def test_files_beside_the_page_are_served_and_missing_ones_are_missing(client: TestClient) -> None:
    icon = await client.get("/favicon.svg", headers={"Accept": "image/svg+xml,image/*,*/*;q=0.8"})
    assert (icon.status, icon.headers["Content-Type"]) == (200, "image/svg+xml")
    assert (await client.get("/apple-touch-icon.png")).status == 404


async def test_where_nothing_was_built_the_page_says_how(tmp_path: Path) -> None:
    builder = Builder(tmp_path / "absent")
    app = create_http_app((), HttpServices(nobody, Turning().now), inner=(builder.middleware(),))
    builder.mount(app)
    async with TestClient(TestServer(app), headers=BROWSER) as client:
        for path in ("/", "/flows"):
            answer = await client.get(path)
            assert answer.status == 200
            assert "make web" in await answer.text()
