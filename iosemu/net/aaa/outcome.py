"""What came of asking a server."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum


class Verdict(Enum):
    """What is decided; only after ERROR the next method of a list is asked."""

    PASS = "PASS"  # noqa: S105 - a verdict
    FAIL = "FAIL"
    ERROR = "ERROR"
    """Nobody decided: silence, no connection, a server that cannot."""
    MORE = "MORE"
    """The server asks further (EAP, or a challenge)."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A verdict, and what came with it."""

    verdict: Verdict
    message: str = ""
    """For the user."""
    attributes: tuple[str, ...] = ()
    """Attribute-value pairs as TACACS+ writes them (`priv-lvl=15`); those of RADIUS without `shell:`."""

    eap: bytes = b""
    """The EAP packet for the user."""
    state: bytes = b""
    """What the server wants to be told again (RFC 2865, 5.24)."""
    echo: bool = True
    """Whether what is answered to a challenge may be seen."""
    key: bytes = field(default=b"", repr=False)
    """What EAP has made known to the user and to who asks: what the server receives with, and what it sends with."""

    @property
    def privilege(self) -> int | None:
        """`priv-lvl`, if it was told and is one."""
        for pair in self.attributes:
            name, _, value = pair.replace("*", "=", 1).partition("=")
            if name == "priv-lvl" and value.isdecimal() and int(value) <= 15:
                return int(value)
        return None


SILENCE = Outcome(Verdict.ERROR)
"""Nobody answered."""
