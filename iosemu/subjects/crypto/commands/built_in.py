"""Objects called `default` that are built in, and are restored by `default` and their kind alone."""

from __future__ import annotations

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError
from iosemu.subjects.crypto.config.smart_defaults import DEFAULT


def restored(context: Context) -> str:
    """The name that is meant where none was typed: `default …` alone restores what is built in; `no` needs a name."""
    if not context.defaulted:
        raise CommandError("% Incomplete command.")
    return DEFAULT
