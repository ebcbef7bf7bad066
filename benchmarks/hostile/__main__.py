"""`python -m benchmarks.hostile [SCENARIO [COUNT]]`: run one scenario, or all of them."""

from __future__ import annotations

import sys
from collections.abc import Callable

from benchmarks.hostile.floods import FLOODS
from benchmarks.hostile.freezes import flooded
from benchmarks.hostile.kills import kills
from benchmarks.hostile.logins import logins
from benchmarks.hostile.processes import processes


def _flood(name: str) -> Callable[[int | None], str]:
    return lambda seconds: str(flooded(name, seconds))


SCENARIOS: dict[str, Callable[[int | None], str]] = {
    "kills": kills,
    "logins": logins,
    "processes": processes,
    **{name: _flood(name) for name in FLOODS},
}
"""By name: takes how often, or how many seconds (None: as it is meant to be), tells what came of it."""


def main(arguments: list[str]) -> int:
    """Run what was asked for; the exit status."""
    names = arguments[:1] or list(SCENARIOS)
    count = int(arguments[1]) if len(arguments) > 1 else None
    for name in names:
        if name not in SCENARIOS:
            print(f"there is no scenario {name!r}; there are {', '.join(SCENARIOS)}", file=sys.stderr)
            return 2
        print(f"{name}: {SCENARIOS[name](count)}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
