"""Prints the OpenAPI document; with --check says whether the browser's types are of it: `python -m app.openapi [--check]`."""

from __future__ import annotations

import asyncio
import hashlib
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from api.http.docs import OPENAPI
from app.graph import open_graph
from app.http import http_app
from app.settings import Settings
from engine.runtime.clock import SystemClock
from storage.migrate import upgrade

TYPES = Path(__file__).parent.parent / "web" / "src" / "api" / "schema.ts"


async def openapi() -> bytes:
    """The document as a server serves it."""
    with TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        await asyncio.to_thread(upgrade, settings.database)
        async with open_graph(settings, SystemClock(), public_url="") as graph:
            return http_app(graph)[OPENAPI]


def main(arguments: list[str]) -> int:
    """Prints the document; with --check gives 1 when the browser's types were made of another."""
    document = asyncio.run(openapi())
    if "--check" not in arguments:
        sys.stdout.buffer.write(document)
        return 0
    if f"// sha256 {hashlib.sha256(document).hexdigest()}\n" in TYPES.read_text("utf-8"):
        return 0
    print("web/src/api/schema.ts is stale; run `make api-types` and commit it.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
