"""The commands as scripts use them: what they say, and their exit codes."""

from __future__ import annotations

import json
from pathlib import Path

from tests.integration.flow import document, echo, on_word, say
from tests.integration.server import KEY, Server, command, process, running_server

BROKEN = document("Broken", {"start": on_word("x"), "a": ("teleport", {})}, ["start -> a", "a -> gone"])


async def test_flows_are_pushed_listed_and_pulled(tmp_path: Path) -> None:
    async with running_server(tmp_path) as server:
        names = {"POSTDOG_URL": server.url, "POSTDOG_API_KEY": KEY}
        source, target = tmp_path / "flows", tmp_path / "pulled"
        source.mkdir()
        (source / "greeting.json").write_text(json.dumps(echo("ahoy")))
        made = await server.command("flows", "push", str(source), "--publish", **names)
        assert made.code == 0, made
        assert "created flow_" in made.out
        assert ", published" in made.out
        listed = await server.command("flows", "list", **names)
        (line,) = [line for line in listed.out.splitlines() if "greeting" in line]
        assert "yes" in line, line  # it is live
        changed = echo("avast")
        (source / "greeting.json").write_text(json.dumps(changed))
        assert "updated flow_" in (await server.command("flows", "push", str(source), **names)).out
        pulled = await server.command("flows", "pull", str(target), **names)
        assert pulled.code == 0, pulled
        again = json.loads((target / "greeting.json").read_text())
        assert again["nodes"][0]["config"]["on"]["words"] == ["avast"]
        assert (await server.command("validate", str(target))).code == 0
        # A broken file is not sent; the server's refusals and silence are said in words.
        (source / "broken.json").write_text(json.dumps(BROKEN))
        refused = await server.command("flows", "push", str(source / "broken.json"), **names)
        assert (refused.code, refused.out) == (1, "")
        assert "There is no node type “teleport”." in refused.err
        wrong = await server.command("flows", "list", **{**names, "POSTDOG_API_KEY": "pd_live_wrong"})
        assert (wrong.code, wrong.out) == (2, "")
        assert "The server refused (401): This API key is not valid." in wrong.err
        nobody = await server.command("flows", "list", **{**names, "POSTDOG_URL": "http://127.0.0.1:1"})
        assert nobody.code == 2
        assert "Nobody answers at http://127.0.0.1:1" in nobody.err
        for said in (refused, wrong, nobody):
            assert "Traceback" not in said.err


async def test_a_key_made_by_command_works_at_once_and_stops_at_once(tmp_path: Path) -> None:
    async with running_server(tmp_path, quiet=False) as server:
        made = await server.command("keys", "create", "for the shop")
        key = made.out.strip()
        assert key.startswith("pd_live_")
        assert (await server.answer("GET", "/v1/flows", key=key)).status == 200
        listed = await server.command("keys", "list")
        (line,) = [line for line in listed.out.splitlines() if "for the shop" in line]
        name = next(word for word in line.split() if word.startswith("key_"))
        assert key not in listed.out
        assert (await server.command("keys", "revoke", name)).out.strip() == f"{name} is revoked."
        refused = await server.answer("GET", "/v1/flows", key=key)
        assert (refused.status, refused.error) == (401, "unauthorized")
        assert "for the shop" not in (await server.command("keys", "list")).out
        unknown = await server.command("keys", "revoke", "key_zzzz")
        assert unknown.code == 2
        assert "Traceback" not in unknown.err


async def test_migrate_and_doctor_before_and_after_the_first_start(tmp_path: Path) -> None:
    variables = Server(tmp_path).variables()
    nothing = await command("doctor", environment=variables)
    assert nothing.code == 1
    assert "does not exist" in nothing.out
    first = await command("migrate", environment=variables)
    second = await command("migrate", environment=variables)
    assert (first.code, second.code) == (0, 0)
    assert first.out.startswith("Migrated from nothing to ")
    assert second.out.startswith("The database is up to date ")
    empty = await command("doctor", environment=variables)
    assert (empty.code, "There is no workspace yet." in empty.out) == (1, True)
    keyless = await command("keys", "list", environment=variables)
    assert (keyless.code, "There is no workspace yet." in keyless.err) == (2, True)
    async with running_server(tmp_path, quiet=False) as server:
        short = await server.command("doctor", POSTDOG_SECRET_KEY="short")
        assert (short.code, "POSTDOG_SECRET_KEY" in short.err) == (2, True), short
        well = await server.command("doctor")
        assert well.code == 0, well
        assert "No event failed." in well.out


async def test_validate_names_every_problem_and_fails(tmp_path: Path) -> None:
    environment = Server(tmp_path).variables()
    files = {
        "broken.json": json.dumps(BROKEN).encode(),
        "cut.json": b'{"schema": 1, ',
        "binary.json": b"\xff\x00\xfe",
        "list.json": b"[]",
        "good.json": json.dumps(document("Good", {"start": on_word("x"), "a": say("Hi")}, ["start -> a"])).encode(),
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    found = await command("validate", str(tmp_path), "--json", environment=environment)
    assert found.code == 1
    report = {Path(each["file"]).name: each["problems"] for each in json.loads(found.out)}
    assert report.keys() == files.keys()
    errors = {name: [each["pointer"] for each in some if each["level"] == "error"] for name, some in report.items()}
    assert errors["good.json"] == []
    assert {"/nodes/1/type", "/edges/1/to"} <= set(errors["broken.json"])
    for name in ("cut.json", "binary.json", "list.json"):
        assert errors[name], report[name]
    said = await command("validate", str(tmp_path / "broken.json"), environment=environment)
    assert said.code == 1
    assert "There is no node type “teleport”." in said.out
    missing = await command("validate", str(tmp_path / "absent.json"), environment=environment)
    assert (missing.code, "can't be read" in missing.out) == (1, True)
    assert (await command("validate", str(tmp_path / "good.json"), environment=environment)).code == 0


async def test_a_wrong_setting_is_named_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    cases = {
        "POSTDOG_DATA_DIR": (str(tmp_path / "file" / "data"), "can't be used: Not a directory."),
        "POSTDOG_PORT": ("eighty", "The setting POSTDOG_PORT is wrong"),
        "POSTDOG_LOG_LEVEL": ("loud", "The setting POSTDOG_LOG_LEVEL is wrong"),
        "POSTDOG_PUBLIC_URL": ("chat.example.com", "must begin with https://"),
        "POSTDOG_TRUSTED_PROXIES": ("everybody", "The setting POSTDOG_TRUSTED_PROXIES is wrong"),
        "POSTDOG_DATABASE_URL": ("mysql://localhost/db", "PostDog can't keep its data in mysql yet."),
    }
    for name, (value, words) in cases.items():
        said = await command("migrate", environment={**Server(tmp_path).variables(), name: value})
        assert (said.code, said.out) == (2, ""), name
        assert words in said.err, (name, said)


async def test_a_start_that_cant_be_says_why_without_a_traceback(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    variables = Server(second).variables()
    async with running_server(first, quiet=False, POSTDOG_PROT="9000") as server:
        assert "There is no setting POSTDOG_PROT. Did you mean POSTDOG_PORT?" in server.log()
        port = str(server.port)
        cases = {
            f"Port {port} on 127.0.0.1 is in use by another program.": (port, {}),
            "203.0.113.7": ("0", {"POSTDOG_HOST": "203.0.113.7"}),
        }
        for words, (wanted, more) in cases.items():
            said = await process("serve", "--port", wanted, environment={**variables, **more})
            assert (said.code, said.out) == (2, ""), (words, said)
            assert words in said.err
            assert "Traceback" not in said.err
            if wanted == port:
                assert not second.exists()  # nothing was touched, no key was made and lost
