"""Writes schemas/flow.schema.json from the models, or says that it is stale: `python -m app.schema [--check]`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from engine.core.schema import compose_schema
from nodes import node_types

PATH = Path(__file__).parent.parent / "schemas" / "flow.schema.json"


def schema_text() -> str:
    """The committed file's content: sorted keys, so that a change shows as a small difference."""
    return json.dumps(compose_schema(node_types()), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def main(arguments: list[str]) -> int:
    """Writes the file; with --check only compares it, and gives 1 when it is stale."""
    text = schema_text()
    if "--check" not in arguments:
        PATH.write_text(text, encoding="utf-8")
        print(f"Wrote {PATH.name}.")
        return 0
    if PATH.exists() and PATH.read_text(encoding="utf-8") == text:
        return 0
    print("schemas/flow.schema.json is stale; run `make schema` and commit it.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
