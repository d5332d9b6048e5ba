"""The flows that we ship, from the package `flows`: documents, and `about.toml` with what each does."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import orjson

from api.services import ReadyMade
from schemas.flow import FlowDocument


def ready_made_flows() -> tuple[ReadyMade, ...]:
    """The ready-made flows in the order of their keys."""
    folder = files("flows")
    about = tomllib.loads((folder / "about.toml").read_text("utf-8"))
    names = sorted(entry.name.removesuffix(".json") for entry in folder.iterdir() if entry.name.endswith(".json"))
    return tuple(
        ReadyMade(name, about.get(name, ""), FlowDocument.model_validate(orjson.loads((folder / f"{name}.json").read_bytes())))
        for name in names
    )
