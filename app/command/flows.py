"""`postdog flows`: move flows between files and a server, over its API."""

from __future__ import annotations

import urllib.error
import urllib.request
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from app.flow_file import flow_files, name_by_key, read_flow_file
from engine.core.check_text import problem_line
from schemas.error import Invalid, Unavailable
from schemas.problem import has_errors

flows = typer.Typer(help="List, push and pull the flows of a server.", no_args_is_help=True)
Url = Annotated[str, typer.Option(envvar="POSTDOG_URL", help="Where the server is.")]
Key = Annotated[str, typer.Option(envvar="POSTDOG_API_KEY", help="An API key; `postdog keys create` makes one.")]
SERVER = "http://127.0.0.1:8080"
TIMEOUT_S = 30.0


class ServerRefused(Invalid):
    """The server refused."""

    code = "server_refused"


@flows.command("list")
def show(url: Url = SERVER, key: Key = "") -> None:
    """The flows of the server, and whether they are published."""
    table = Table("id", "key", "name", "published")
    for flow in _flows(url, key):
        table.add_row(flow["id"], str(flow.get("key", "")), escape(flow["name"]), "yes" if flow["live"] else "no")
    Console().print(table)


@flows.command()
def push(
    files: Annotated[list[Path], typer.Argument(help="Flow files, or folders with them. The file's name is the flow's key.")],
    publish: Annotated[bool, typer.Option(help="Publish each flow too.")] = False,
    url: Url = SERVER,
    key: Key = "",
) -> None:
    """Send flow files to the server: a new flow, or a new draft of the one with this key."""
    known = {flow.get("key"): flow for flow in _flows(url, key)}
    failed = False
    for path in flow_files(files):
        checked = read_flow_file(path).checked
        if has_errors(checked.problems):
            failed = True
            for problem in checked.problems:
                typer.echo(f"{path}: {problem_line(problem)}", err=True)
            continue
        document = orjson.loads(path.read_bytes())
        name = path.stem.lower().replace("_", "-")
        flow = known.get(name)
        if flow is None:
            made = _call(url, key, "POST", "/v1/flows", {"key": name, "document": document})
        else:
            made = _call(url, key, "PUT", f"/v1/flows/{flow['id']}", {"document": document}, {"If-Match": "*"})
        if publish:
            _call(url, key, "POST", f"/v1/flows/{made['id']}/publish", {})
        typer.echo(f"{path}: {'updated' if flow else 'created'} {made['id']}{', published' if publish else ''}")
    if failed:
        raise typer.Exit(1)


@flows.command()
def pull(
    folder: Annotated[Path, typer.Argument(help="Where the files are written.")],
    url: Url = SERVER,
    key: Key = "",
) -> None:
    """Write the drafts of all flows into files, one for each, named after their keys."""
    folder.mkdir(parents=True, exist_ok=True)
    known = _flows(url, key)
    keys = {flow["id"]: flow["key"] for flow in known if flow.get("key")}
    for flow in known:
        whole = _call(url, key, "GET", f"/v1/flows/{flow['id']}")
        name_by_key(whole["document"], keys)
        path = folder / f"{flow.get('key') or flow['id']}.json"
        path.write_bytes(orjson.dumps(whole["document"], option=orjson.OPT_INDENT_2) + b"\n")
        typer.echo(str(path))


def _flows(url: str, key: str) -> list[dict[str, Any]]:
    """All flows of the server."""
    found: list[dict[str, Any]] = []
    more = True
    while more:
        page = _call(url, key, "GET", f"/v1/flows?limit=100&page={len(found) // 100 + 1}")
        found.extend(page["data"])
        more = page["has_more"]
    return found


def _call(
    url: str, key: str, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
) -> dict[str, Any]:
    """One request; the JSON answer. Raises ServerRefused with the server's own words, Unavailable where nobody answers."""
    data = orjson.dumps(body) if body is not None else None
    sent = {"Authorization": f"Bearer {key}", "Content-Type": "application/json", **(headers or {})}
    request = urllib.request.Request(url.rstrip("/") + path, data, sent, method=method)
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
            found: dict[str, Any] = orjson.loads(answer.read())
            return found
    except urllib.error.HTTPError as error:
        raise ServerRefused(_words(error)) from error
    except (urllib.error.URLError, TimeoutError, ValueError) as error:
        words = f"Nobody answers at {url}: {error}. Is `postdog serve` running there? Name another with --url."
        raise Unavailable(words) from error


def _words(error: urllib.error.HTTPError) -> str:
    try:
        body = orjson.loads(error.read())
        details = "".join(f"\n  {each['field']}: {each['message']}" for each in body["error"].get("details") or ())
        return f"The server refused ({error.code}): {body['message']}{details}"
    except (ValueError, KeyError, TypeError):
        return f"The server refused ({error.code})."
