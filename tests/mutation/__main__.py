"""`python -m tests.mutation [FLOW …]`: which mistakes in the ready-made flows their scenarios catch, and which escape."""

from __future__ import annotations

import argparse

from tests.mutation.hunt import Hunted, hunt, keys


def main() -> None:
    """Hunt, and print what escaped."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation")
    parser.add_argument("flows", nargs="*", help="keys of flows; without any, all ready-made ones")
    parser.add_argument("--saved", action="store_true", help="play the scenarios that the explorer saved, too")
    given = parser.parse_args()
    hunted = [hunt(key, saved=given.saved) for key in given.flows or keys()]
    for each in hunted:
        print(f"{each.flow}: {shown(each)}")
        for name in each.escaped:
            print(f"  escaped  {name}")
    total = Hunted(
        "all",
        tuple(name for each in hunted for name in each.caught),
        tuple(name for each in hunted for name in each.escaped),
        sum(each.refused for each in hunted),
    )
    print(f"all: {shown(total)}")


def shown(hunted: Hunted) -> str:
    """The share that was caught, in words."""
    tried = len(hunted.caught) + len(hunted.escaped)
    return f"{len(hunted.caught)} of {tried} caught ({hunted.share:.1%}); {hunted.refused} more are refused by the checker"


if __name__ == "__main__":
    main()
