"""A real server in a process of its own, for tests: started, asked, killed, started again."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from unittest.mock import patch

import aiohttp

from app.main import main

KEY = "pd_test_key_of_the_integration_tests"
ROOT = Path(__file__).resolve().parents[2]
START_S = 60.0
"""Seconds for a start: migrations, flows, and a busy machine."""
COMMAND_S = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request was answered with."""

    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def error(self) -> str:
        """The error's word for machines."""
        return str(self.body["error"]["type"])


@dataclass(frozen=True, slots=True)
class Ended:
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str


@dataclass
class Server:
    """One server over one data directory."""

    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    module: str = "app.main"
    """What is run: the command line, or a test's own beginning of it."""
    prefix: Sequence[str] = ()
    """Words before the command, such as a limit that the server is to run under."""
    process: asyncio.subprocess.Process | None = None
    url: str = ""
    greeting: list[str] = field(default_factory=list)
    port: int = 0
    _logs: list[IO[bytes]] = field(default_factory=list)

    async def start(self) -> None:
        """Start it, and wait until it says where it is. A later start takes the same port."""
        self.process = await asyncio.create_subprocess_exec(
            *self.prefix,
            sys.executable,
            "-m",
            self.module,
            "serve",
            "--port",
            str(self.port),
            stdout=asyncio.subprocess.PIPE,
            stderr=self._open_log(),
            cwd=ROOT,
            env={"POSTDOG_BOOTSTRAP_API_KEY": KEY, "POSTDOG_LOG_LEVEL": "warning", **self.variables()},
        )
        assert self.process.stdout is not None
        async with asyncio.timeout(START_S):
            first = (await self.process.stdout.readline()).decode()
            assert "running at" in first, (first, self.log())
            self.greeting = [first]
            while "API documentation" not in self.greeting[-1]:
                self.greeting.append((await self.process.stdout.readline()).decode())
        self.url = first.split(" at ")[1].strip()
        self.port = int(self.url.rsplit(":", 1)[1])

    async def kill(self) -> None:
        """kill -9."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()

    async def stop(self) -> int:
        """SIGTERM, and its exit code."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.terminate()
        return await self.process.wait()

    def variables(self) -> dict[str, str]:
        """The environment of the server and of its commands."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("POSTDOG_")}
        return {**kept, "POSTDOG_DATA_DIR": str(self.folder / "data"), "COLUMNS": "200", **self.environment}

    async def command(self, *words: str, **environment: str) -> Ended:
        """Run `postdog` with these words over the same data directory."""
        return await command(*words, environment={**self.variables(), **environment})

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.folder / "data" / "postdog.db"

    def row(self, statement: str, *values: object) -> Any:
        """The first row that a statement gives, read beside the server."""
        with sqlite3.connect(self.database, timeout=5) as connection:
            found = connection.execute(statement, values).fetchone()
        connection.close()
        return found

    def _open_log(self) -> IO[bytes]:
        self._logs.append((self.folder / "server.log").open("ab"))
        return self._logs[-1]

    def close(self) -> None:
        """Close what was opened for it."""
        for log in self._logs:
            log.close()

    def log(self) -> str:
        """What it logged."""
        return (self.folder / "server.log").read_text()

    async def answer(self, method: str, path: str, body: Any = None, *, key: str = KEY, **more: Any) -> Answer:
        """One request, and whatever it was answered with. `data` sends bytes instead of JSON."""
        headers = {"Authorization": f"Bearer {key}", **more.pop("headers", {})}
        if body is not None:
            more["json"] = body
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, self.url + path, headers=headers, **more) as answer,
        ):
            found = await answer.json() if answer.content_type == "application/json" else await answer.text()
            return Answer(answer.status, found, dict(answer.headers))

    async def ask(self, method: str, path: str, body: Any = None, status: int | None = None, **headers: str) -> Any:
        """One request with the key; its JSON. Any 2xx is well, if no status is named."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        found = await self.answer(method, path, body, headers=named)
        well = found.status == status if status else 200 <= found.status < 300
        assert well, (found.status, found.body)
        return found.body

    async def publish(self, document: dict[str, Any]) -> str:
        """A flow, created and published; its id."""
        flow = await self.ask("POST", "/v1/flows", {"document": document})
        await self.ask("POST", f"/v1/flows/{flow['id']}/publish", {})
        return str(flow["id"])

    async def quiet(self) -> None:
        """Take the ready-made flows off the air, so that only a test's own flows answer."""
        for flow in (await self.ask("GET", "/v1/flows?limit=100"))["data"]:
            if flow["live"] is not None:
                await self.ask("POST", f"/v1/flows/{flow['id']}/deactivate")

    async def everything(self, path: str) -> list[Any]:
        """The items of a list."""
        return list((await self.ask("GET", path))["data"])


@asynccontextmanager
async def running_server(
    folder: Path, prefix: Sequence[str] = (), quiet: bool = True, module: str = "app.main", **environment: str
) -> AsyncIterator[Server]:
    """A started server, without the ready-made flows unless `quiet` is False; killed at the end if it still runs."""
    server = Server(folder, environment, module, prefix)
    try:
        await server.start()
        if quiet:
            await server.quiet()
        yield server
    finally:
        if server.process is not None and server.process.returncode is None:
            await server.kill()
        server.close()


async def command(*words: str, environment: Mapping[str, str]) -> Ended:
    """Run `postdog` with these words through its entry point, in a thread of this process: a start of Python costs 2 s."""
    return await asyncio.to_thread(_command, words, environment)


def _command(words: Sequence[str], environment: Mapping[str, str]) -> Ended:
    out, err, code = io.StringIO(), io.StringIO(), 0
    with (
        patch.object(sys, "argv", ["postdog", *words]),
        patch.dict(os.environ, environment, clear=True),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as ended:
            code = int(ended.code or 0)
    return Ended(code, out.getvalue(), err.getvalue())


async def process(*words: str, environment: Mapping[str, str]) -> Ended:
    """Run `postdog` with these words as a process of its own."""
    started = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "app.main",
        *words,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=dict(environment),
        cwd=ROOT,
    )
    try:
        async with asyncio.timeout(COMMAND_S):
            out, err = await started.communicate()
    except TimeoutError:
        started.kill()
        await started.wait()
        raise
    return Ended(started.returncode or 0, out.decode(), err.decode())


async def until(found: Callable[[], Awaitable[Any]], seconds: float = 30.0) -> Any:
    """What it finds, once it finds something."""
    async with asyncio.timeout(seconds):
        while not (result := await found()):  # noqa: ASYNC110 - it is another process that we wait for
            await asyncio.sleep(0.02)
    return result
