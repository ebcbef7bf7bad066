"""What is typed about PPPoE and dialer interfaces."""

from __future__ import annotations

from dataclasses import dataclass, field

GLOBAL = "global"


@dataclass
class BbaGroup:
    """`bba-group pppoe NAME`."""

    name: str
    template: int | None = None
    """`virtual-template N`."""


@dataclass
class PppoeConfig:
    """The groups of this box, by name."""

    groups: dict[str, BbaGroup] = field(default_factory=dict)


@dataclass
class PppoePort:
    """`pppoe enable [group NAME]` and `pppoe-client dial-pool-number N` under an Ethernet interface."""

    group: str = ""
    """Empty: no server here."""
    pool: int | None = None
    """The dialer pool of the client; None: there is none."""


@dataclass
class DialerSettings:
    """`dialer …` under a dialer interface."""

    pool: int | None = None
    group: int | None = None
    """`dialer-group`: what traffic dials; PPPoE is there always."""
