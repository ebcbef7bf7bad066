"""What is typed under an interface about PPP, and what of it can be debugged."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address

from iosemu.box.debugging import DebugFlag
from iosemu.box.passwords import Password

NEGOTIATION = DebugFlag("PPP protocol negotiation", "PPP")
AUTHENTICATION = DebugFlag("PPP authentication", "PPP")


@dataclass
class PppSettings:
    """`ppp …` and `peer …`."""

    authentication: tuple[str, ...] = ()
    """How the other end is to prove itself: `chap`, `pap`, best first."""
    callin: bool = False
    """Only who calls is asked, not who is called."""
    list_name: str = ""
    """The method list of `aaa authentication ppp`; empty: `default`."""
    chap_hostname: str = ""
    chap_password: Password | None = None
    chap_refuse: bool = False
    pap_name: str = ""
    pap_password: Password | None = None
    pap_refuse: bool = False
    peer_address: IPv4Address | None = None
    """`peer default ip address`: what an other end without an address is told."""
    multilink: bool = False
    group: int | None = None
    """`ppp multilink group`: the Multilink interface that the link is to join."""
    fragment: bool = True
    fragment_delay: int | None = None
    """Milliseconds that a fragment may take on its link; None: as many fragments as links."""
    endpoint: str = ""
    """`ppp multilink endpoint string`: the name in the discriminator; empty: that of the box."""
    limits: dict[str, int] = field(default_factory=dict)
    """`ppp timeout retry|authentication` (seconds) and `ppp max-configure|max-terminate|max-failure`, where they are
    typed."""
    quality: int = 0
    """`ppp quality`: per cent that has to arrive; 0: nobody measures."""
    neighbor_route: bool = True
    """A route to the other end is there while the line is."""


def clear_text(password: Password | None) -> str | None:
    """A password that can be read: CHAP needs it, a secret that is only known hashed does not do."""
    return password.clear if password is not None else None
