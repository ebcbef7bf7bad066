"""What a line of `debug crypto isakmp` depends on beside its event."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from iosemu.ike.events import SaSnapshot
from iosemu.subjects.crypto.debug.line import Kind, Line

Lines = Iterable[Line]
SA_BASE, PEER_BASE, HANDLE_BASE, STRUCTURE = 0x6680_0000, 0x6500_0000, 0x8000_0000, 0x4E0
"""Where structures seem to lie in memory, and how far from each other."""
BLANK = Line("", Kind.MORE)


@dataclass(frozen=True, slots=True)
class About:
    """The release and the SA that lines are about."""

    conn_id: int
    """0: no keys yet, or no SA."""
    modern: bool = False
    """As 15.6 and later: message IDs unsigned, other words at an installed SA."""
    keepalives: bool = False
    """Dead peer detection is configured."""

    def at(self, text: str, kind: Kind = Kind.SA) -> Line:
        """A line that begins with the connection id."""
        return Line(text, kind, self.conn_id)

    def spaced(self, text: str, kind: Kind = Kind.SA) -> Line:
        """The same, with a blank after it in some releases."""
        return Line(text, kind, self.conn_id, spaced=True)

    def number(self, message_id: int) -> int:
        """A message ID as the release prints it: before 15.6 as a signed number."""
        return message_id if self.modern or message_id < 1 << 31 else message_id - (1 << 32)


def handle(sa: SaSnapshot) -> str:
    """The address of an SA's structure, as far as one can tell: another one for each SA."""
    return f"{SA_BASE + sa.number * STRUCTURE:X}"


def peer_handle(sa: SaSnapshot) -> str:
    """The address of what is kept about a peer: the same for all its SAs."""
    return f"{PEER_BASE + int(sa.peer.address) * STRUCTURE % 0x100_0000:X}"


def place(sa: SaSnapshot | None) -> str:
    """`(I) MM_NO_STATE`: the role and state of an SA."""
    if sa is None:
        return "(N) NEW SA"
    state = sa.state.value
    return f"({sa.role.value}) {state:<13}" if state == "QM_IDLE" else f"({sa.role.value}) {state}"
