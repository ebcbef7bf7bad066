"""The release that a configuration names."""

from __future__ import annotations

from iosemu.handling.context import Context


def written_by(context: Context, rest: str = "") -> None:
    """`version N.N` of a configuration that another release wrote: the box goes on saying its own."""
