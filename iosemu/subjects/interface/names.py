"""Interface names as tables and configuration lines list them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from iosemu.box.interface_types import short_name, sort_key


def list_names(names: Iterable[str]) -> list[str]:
    """`Fa0/1`, `Fa0/2` …, in the order of the box."""
    return [short_name(name) for name in sorted(names, key=sort_key)]


def _runs(names: Iterable[str]) -> Iterator[tuple[str, int, int]]:
    """Runs of neighbours: (`Fa0/`, 1, 3)."""
    run: tuple[str, int, int] | None = None
    for name in list_names(names):
        stem = name.rstrip("0123456789")
        number = int(name[len(stem) :] or 0)
        if run is not None and run[0] == stem and number == run[2] + 1:
            run = (stem, run[1], number)
            continue
        if run is not None:
            yield run
        run = (stem, number, number)
    if run is not None:
        yield run


def port_ranges(names: Iterable[str]) -> str:
    """`Fa0/1 - 3 , Fa0/7`, the form of interface lists in configuration lines."""
    return " , ".join(
        f"{stem}{low}" if low == high else f"{stem}{low} - {high}" for stem, low, high in _runs(names)
    )
