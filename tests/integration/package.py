"""A package of another company with a node type, installed as its users would install it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "fixtures" / "acme_dice"


def install_dice(folder: Path) -> str:
    """Build the package and install it into a folder of its own, without the network; what to add to PYTHONPATH."""
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-index", "--no-deps")
    target = folder / "site"
    subprocess.run([*pip, "--no-build-isolation", "--target", str(target), str(SOURCE)], check=True)
    return str(target)
