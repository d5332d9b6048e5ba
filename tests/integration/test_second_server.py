"""Two servers on one database: the second is refused, and whatever became of the first, the next one starts at once."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from storage.lock import AlreadyServed, lock_file, sole_server
from tests.integration.flow import echo
from tests.integration.server import Server, process, running_server
from tests.integration.visitor import visiting


def refusal(server: Server) -> str:
    assert server.process is not None
    return f"Another PostDog server (process {server.process.pid}) works on {server.database.resolve()}."


async def test_a_second_server_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    async with running_server(tmp_path) as server, visiting(server) as visitor:
        await server.publish(echo())
        link = tmp_path / "other"
        link.symlink_to(server.folder / "data")
        for folder in (server.folder / "data", link):
            second = await process("serve", "--port", "0", environment={**server.variables(), "POSTDOG_DATA_DIR": str(folder)})
            assert second.code == 2
            assert second.out == "", "it says nothing of running"
            assert refusal(server) in " ".join(second.err.split())
            assert "POSTDOG_DATA_DIR" in second.err
            assert "Traceback" not in second.err
        async with visitor.connect() as tab:
            await tab.say("hello")
            await tab.until("You said it.")


async def test_after_a_kill_the_next_server_starts_at_once(tmp_path: Path) -> None:
    async with running_server(tmp_path) as server:
        for _ in range(2):
            await server.kill()
            await server.start()
        assert (await server.answer("GET", "/readyz")).status == 200
        assert await server.stop() == 0
        await server.start()
        assert lock_file(server.database).read_text() == str(server.process.pid if server.process else 0)


async def test_commands_run_beside_a_server_and_a_migration_does_not(tmp_path: Path) -> None:
    async with running_server(tmp_path) as server:
        for words in (("keys", "create", "beside"), ("keys", "list"), ("doctor",), ("migrate",), ("users", "list")):
            ended = await server.command(*words)
            assert ended.code == 0, (words, ended)
        with sqlite3.connect(server.database, timeout=5) as connection:
            connection.execute("UPDATE alembic_version SET version_num = '0014'")
        connection.close()
        ended = await server.command("migrate")
        assert ended.code == 2
        assert refusal(server) in " ".join(ended.err.split())


def test_the_hold_is_let_go_with_its_block_and_needs_no_database(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new/postdog.db"
    for _ in range(2):
        with sole_server(url), pytest.raises(AlreadyServed), sole_server(url):
            pass
