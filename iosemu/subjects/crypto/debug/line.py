"""Lines of `debug crypto isakmp` before a release has put its prefix to them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What a line is about; releases begin the kinds differently."""

    SA = "sa"
    """`ISAKMP:(1001):`"""
    PACKET = "packet"
    """`ISAKMP (0:1001):`, later `ISAKMP-PAK: (1001):`"""
    COUNTED = "counted"
    """`ISAKMP (0:1001):` of other lines."""
    ERROR = "error"
    """An SA line that became `ISAKMP-ERROR:`."""
    GENERAL = "general"
    """`ISAKMP:`, later with the number of an SA."""
    LOOSE = "loose"
    """`ISAKMP :` in 12.4T."""
    TIGHT = "tight"
    """`ISAKMP:` with no space after it in 12.4T."""
    PLAIN = "plain"
    """`ISAKMP:` in every release, or a line that goes on."""
    BARE = "bare"
    """Nothing before it."""
    MORE = "more"
    """A further line of the message before."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its text, and whether 12.4T and its like put a space before it."""

    text: str
    kind: Kind = Kind.SA
    conn_id: int = 0
    spaced: bool = False


def mainline(line: Line) -> str:
    """12.3 and 12.4 mainline: `ISAKMP (0:2): text`."""
    match line.kind:
        case Kind.BARE | Kind.MORE:
            return line.text
        case Kind.GENERAL | Kind.PLAIN | Kind.LOOSE | Kind.TIGHT:
            return f"ISAKMP: {line.text}"
        case _:
            return f"ISAKMP (0:{line.conn_id}): {line.text}"


def technology(line: Line) -> str:
    """12.4T to 15.4: `ISAKMP:(1001):text`, `ISAKMP (0:1001): text`."""
    match line.kind:
        case Kind.BARE | Kind.MORE:
            return line.text
        case Kind.GENERAL | Kind.PLAIN:
            return f"ISAKMP: {line.text}"
        case Kind.LOOSE:
            return f"ISAKMP : {line.text}"
        case Kind.TIGHT:
            return f"ISAKMP:{line.text}"
        case Kind.PACKET | Kind.COUNTED:
            return f"ISAKMP (0:{line.conn_id}): {line.text}"
        case _:
            return f"ISAKMP:({line.conn_id}):{' ' if line.spaced else ''}{line.text}"


def modern(line: Line) -> str:
    """15.6 and XE: `ISAKMP: (1001):text`, `ISAKMP-PAK:`, `ISAKMP-ERROR:`."""
    match line.kind:
        case Kind.BARE | Kind.MORE:
            return line.text
        case Kind.PLAIN:
            return f"ISAKMP: {line.text}"
        case Kind.PACKET:
            return f"ISAKMP-PAK: ({line.conn_id}):{line.text}"
        case Kind.ERROR:
            return f"ISAKMP-ERROR: ({line.conn_id}):{line.text}"
        case _:
            return f"ISAKMP: ({line.conn_id}):{line.text}"


PREFIXES = {"12.4": mainline, "12.4T": technology, "15.6": modern}
"""By the image's `debug_prefixes`."""
