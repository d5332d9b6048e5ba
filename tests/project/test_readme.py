"""What the README says works: its shell blocks, in order, in a clean clone, against the server that `make serve` starts."""

import asyncio
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import textwrap
import time
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", ROOT / "AGENTS.md", *sorted((ROOT / "docs").glob("*.md")))
BLOCK = re.compile(r'^(?P<indent> *)```sh(?: title="(?P<title>[a-z]+)")?\n(?P<text>.*?)^(?P=indent)```$', re.M | re.S)
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
NOT_RUN = ("production", "tests")
"""Titles of blocks that need a machine of their own, or that would run this test again."""
SAID_ADDRESS = "http://127.0.0.1:8080"
START_SECONDS, BLOCK_SECONDS = 300, 60
"""The first start installs the packages and builds the browser part."""
LARGEST_PICTURE = 150_000


@dataclass(frozen=True)
class Block:
    """A shell block. `title` says what is special about it."""

    title: str
    text: str


def blocks(page: str) -> list[Block]:
    """The shell blocks of a page, in their order."""
    return [Block(found["title"] or "", textwrap.dedent(found["text"])) for found in BLOCK.finditer(page)]


@dataclass
class Server:
    """`make serve` in the clone: where it answers, and its chat."""

    process: subprocess.Popen[str]
    address: str
    chat: str


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean clone, beside whose own `.venv` the packages of this interpreter can be seen: nothing is downloaded."""
    folder = tmp_path_factory.mktemp("readme") / "postdog"
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(folder)], check=True, timeout=60)
    place = folder / ".venv"
    venv.create(place, with_pip=True)
    (packages,) = place.glob("lib/python*/site-packages")
    (packages / "seen.pth").write_text(sysconfig.get_path("purelib") + "\n")
    (place / ".python").touch()
    return folder


@pytest.fixture(scope="module")
def environment() -> dict[str, str]:
    """The environment of somebody who begins: no settings of ours, and no network for pip."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("POSTDOG_", "PYTEST_", "VIRTUAL_ENV"))}
    return kept | {"PIP_NO_INDEX": "1", "PYTHONUNBUFFERED": "1"}


@pytest.fixture(scope="module")
def server(clone: Path, environment: dict[str, str]) -> Iterator[Server]:
    """What the block titled serve starts, on a free port."""
    (serve,) = [block for block in blocks((clone / "README.md").read_text()) if block.title == "serve"]
    port = {"POSTDOG_PORT": str(free_port())}
    with (clone.parent / "serve.log").open("w+") as log:
        process = subprocess.Popen(
            ["bash", "-euo", "pipefail", "-c", serve.text],
            cwd=clone,
            env=environment | port,
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            said = greeting(process, clone.parent / "serve.log")
            yield Server(process, find(r"running at (\S+)", said), find(r"(\S+/chat/\S+)", said))
        finally:
            stop(process)


def greeting(process: subprocess.Popen[str], log: Path) -> str:
    """What the server prints once it serves."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        said = log.read_text()
        if "your API key" in said:
            return said
        assert process.poll() is None, said
        time.sleep(0.1)
    pytest.fail(f"make serve did not start within {START_SECONDS} s:\n{log.read_text()}")


def stop(process: subprocess.Popen[str]) -> None:
    """Ctrl-C for the whole group that we started, as in a terminal."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGINT)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(5)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def find(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    assert found is not None, text
    return found[1]


@pytest.mark.slow
def test_whoever_follows_it_chats_with_a_flow_of_their_own(clone: Path, environment: dict[str, str], server: Server) -> None:
    told = [block for block in blocks((clone / "README.md").read_text()) if block.title not in (*NOT_RUN, "serve")]
    if shutil.which("curl") is None:
        told = [block for block in told if "curl" not in block.text]
    keep = "\nexport -p > ../environment.sh\n"  # one terminal: what is exported in one block counts in the next
    (clone.parent / "environment.sh").write_text(f"export POSTDOG_URL={server.address}\n")
    outputs = {}
    for block in told:
        script = ". ../environment.sh\n" + block.text.replace(SAID_ADDRESS, server.address) + keep
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=clone,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=BLOCK_SECONDS,
        )
        assert done.returncode == 0, f"{block.text}\n{done.stdout}\n{done.stderr}"
        outputs[block.text] = done.stdout
    assert said_by(outputs, "postdog simulate").count("A table for 4 at 8 pm. See you!") == 1
    assert "2 passed, 0 failed" in said_by(outputs, "postdog test")
    assert asyncio.run(chat(server.chat, ["I want a table", "4", "8 pm"], 3))[-1] == "A table for 4 at 8 pm. See you!"
    if shutil.which("curl"):
        assert '"webhook_url":"http' in said_by(outputs, "/v1/channels")
        assert said_by(outputs, "hub.challenge").endswith("1158201444")


def said_by(outputs: dict[str, str], part: str) -> str:
    """What the one block printed that holds this text."""
    (output,) = [output for text, output in outputs.items() if part in text]
    return output


async def chat(address: str, say: list[str], answers: int) -> list[str]:
    """Write in the web chat, each line after the answer to the one before; the texts of the answers."""
    heard: list[str] = []
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as http, asyncio.timeout(20):
        async with http.post(f"{address}/session", json={"token": None}) as answer:
            token = (await answer.json())["token"]
        async with http.ws_connect(f"{address}/ws") as socket:
            await socket.send_json({"type": "hello", "token": token, "after": 0})
            waiting = [{"kind": "text", "text": text} for text in say]
            while len(heard) < answers:
                if len(waiting) == answers - len(heard):
                    number = f"message-{len(waiting)}"
                    await socket.send_json({"type": "send", "client_id": number, "content": waiting.pop(0)})
                frame = json.loads((await socket.receive()).data)
                if frame["type"] == "message" and frame["from"] == "bot":
                    heard.append(frame["content"]["text"])
    return heard


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    targets = [target for target in LINK.findall(page.read_text()) if not target.startswith(("https://", "http://", "mailto:"))]
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_page_is_reached_from_the_readme(page: Path) -> None:
    if page.name == "README.md":
        return
    assert page.relative_to(ROOT).as_posix() in LINK.findall((ROOT / "README.md").read_text())


@pytest.mark.parametrize("picture", sorted((ROOT / "docs" / "pictures").iterdir()), ids=lambda picture: picture.name)
def test_pictures_are_small_and_shown(picture: Path) -> None:
    assert picture.stat().st_size < LARGEST_PICTURE
    assert any(picture.name in page.read_text() for page in PAGES)


def test_blocks_are_found_in_lists_too() -> None:
    page = '1. First:\n\n   ```sh title="production"\n   echo one\n   ```\n\n```sh\necho two\n```\n```json\n{}\n```\n'
    assert blocks(page) == [Block("production", "echo one\n"), Block("", "echo two\n")]


def test_this_interpreter_is_one_that_the_readme_names() -> None:
    wanted = find(r"Python (3\.\d+) or newer", (ROOT / "README.md").read_text())
    assert sys.version_info >= tuple(map(int, wanted.split(".")))
    assert f'requires-python = ">={wanted}"' in (ROOT / "pyproject.toml").read_text()
