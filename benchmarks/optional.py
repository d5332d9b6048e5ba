"""Rows that need what isn't installed everywhere: a browser's driver, the peers."""

from __future__ import annotations

from importlib.util import find_spec


class NotInstalled(Exception):
    """What this row needs is not installed. A subclass says in its first line what to install, and how."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


class NoBrowser(NotInstalled):
    """The builder needs Chromium (apt-get install chromium), playwright (in the extra `dev`) and its built pages (make web)."""


class NoExpressions(NotInstalled):
    """Expressions need cel-expr-python (pip install -e '.[cel]')."""


def is_there(module: str) -> bool:
    """Whether a module could be imported; nothing of it runs but the packages around it."""
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False
