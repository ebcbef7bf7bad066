"""Which services a server runs, as the lab file says."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.net.aaa.users import Accounts
from iosemu.net.tftp import Store


@dataclass(frozen=True)
class TacacsSettings:
    """`tacacs:` of the lab file."""

    key: bytes
    port: int


@dataclass(frozen=True)
class RadiusSettings:
    """`radius:` of the lab file."""

    secret: bytes
    authentication_ports: tuple[int, ...]
    accounting_ports: tuple[int, ...]


@dataclass
class ServerConfig:
    """None: the service does not run."""

    accounts: Accounts = field(default_factory=Accounts)
    tacacs: TacacsSettings | None = None
    radius: RadiusSettings | None = None
    syslog: bool = False
    files: Store | None = None
    """What there is for clients of file services."""
    tftp: bool = False
    ftp: bool = False
    http: bool = False
    scp: bool = False
    smtp: bool = False
