"""The files of the chat that browsers load."""

from __future__ import annotations

from pathlib import Path

STATIC = Path(__file__).resolve().parent / "static"
PAGE = STATIC / "chat.html"
WIDGET = STATIC / "widget.js"


def assets() -> dict[str, Path]:
    """Every file that the page may ask for, by its name."""
    return {path.name: path for path in STATIC.iterdir() if path.is_file() and path != PAGE}
