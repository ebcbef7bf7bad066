"""`debug crypto pki` and `clear crypto pki`."""

from __future__ import annotations

from iosemu.handling.context import Context
from iosemu.subjects.pki.commands.asking import pki
from iosemu.subjects.pki.config import FLAGS
from iosemu.subjects.pki.service.pki import Counters


def debug(context: Context, subject: str) -> str:
    """`[no] debug crypto pki messages | transactions | validation | server`."""
    return context.device.debugging.set(FLAGS[subject], not context.silenced)


def clear_lists(context: Context) -> None:
    """`clear crypto pki crls`."""
    pki(context).revocations.kept.clear()


def clear_counters(context: Context) -> None:
    """`clear crypto pki counters`."""
    pki(context).counters = Counters()
