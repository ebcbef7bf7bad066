"""One Easy VPN client at work: its state, and what its server gave."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from ipaddress import IPv4Address

from iosemu.ike.mode_config import (
    Attributes,
    ConfigAttribute,
    SplitNetwork,
    addresses_of,
    first,
    split_networks,
    text_of,
)
from iosemu.net.scheduler import Timer
from iosemu.subjects.crypto.config.ezvpn import EzvpnClient
from iosemu.subjects.crypto.config.maps import CryptoMap


class State(Enum):
    """States of a client in the words of `show crypto ipsec client ezvpn`."""

    IDLE = "IDLE"
    VALID_CFG = "VALID_CFG"
    CONNECT_REQUIRED = "CONNECT_REQUIRED"
    READY = "READY"
    XAUTH_REQ = "XAUTH_REQ"
    XAUTH_REPLIED = "XAUTH_REPLIED"
    SS_OPEN = "SS_OPEN"
    IPSEC_ACTIVE = "IPSEC_ACTIVE"


@dataclass(frozen=True, slots=True)
class ServerPolicy:
    """What a server gave."""

    address: IPv4Address | None = None
    netmask: IPv4Address | None = None
    dns: tuple[IPv4Address, ...] = ()
    wins: tuple[IPv4Address, ...] = ()
    domain: str = ""
    split: tuple[SplitNetwork, ...] = ()
    split_dns: tuple[str, ...] = ()
    local_lan: bool = False
    """What is beside the client is reached in clear, though all else goes to the server."""
    save_password: bool = False
    pfs: bool = False
    backups: tuple[str, ...] = ()
    banner: str = ""

    @classmethod
    def of(cls, attributes: Attributes) -> ServerPolicy:
        """As the attributes of mode config say."""
        address = addresses_of(attributes, ConfigAttribute.IP4_ADDRESS)
        mask = addresses_of(attributes, ConfigAttribute.IP4_NETMASK)
        beside, saved, pfs = (
            (found := first(attributes, kind)) is not None and bool(found.value)
            for kind in (
                ConfigAttribute.INCLUDE_LOCAL_LAN,
                ConfigAttribute.SAVE_PASSWORD,
                ConfigAttribute.PFS,
            )
        )
        backups = [each for each in attributes if each.type == ConfigAttribute.BACKUP_SERVER]
        return cls(
            address[0] if address else None,
            mask[0] if mask else None,
            tuple(addresses_of(attributes, ConfigAttribute.IP4_DNS)),
            tuple(addresses_of(attributes, ConfigAttribute.IP4_NBNS)),
            text_of(attributes, ConfigAttribute.DEFAULT_DOMAIN),
            tuple(split_networks(attributes)),
            tuple(filter(None, text_of(attributes, ConfigAttribute.SPLIT_DNS).split(","))),
            beside,
            saved,
            pfs,
            tuple(each.data.decode("ascii", "replace") for each in backups),
            text_of(attributes, ConfigAttribute.BANNER),
        )


@dataclass(eq=False)
class Connection:
    """A client at work."""

    name: str
    settings: EzvpnClient
    """The configuration that it goes by."""
    outside: str
    inside: tuple[str, ...] = ()
    state: State = State.IDLE
    event: str = "VALID_CONFIG_ENTERED"
    number: int | None = None
    """Of its ISAKMP SA."""
    renewing: int | None = None
    """Of the one that will take its place."""
    peer: IPv4Address | None = None
    turn: int = 0
    """Which peer is tried."""
    asked: bool = False
    """Somebody is to say who the user is."""
    may_save: bool = True
    """The server did not say that a saved password must not be used."""
    user: str = ""
    policy: ServerPolicy | None = None
    map: CryptoMap | None = None
    access: str | None = None
    """Its Virtual-Access interface (`virtual-interface`)."""
    loopback: str | None = None
    """Has the address that the server gave."""
    timer: Timer | None = None
    waits: bool = False
    """It was brought down and is not to come up by itself."""
    renewals: list[Timer] = field(default_factory=list)

    @property
    def home(self) -> str:
        """The interface whose packets it protects."""
        return self.access or self.outside

    @property
    def active(self) -> bool:
        """Whether what the server gave is in force."""
        return self.state in (State.SS_OPEN, State.IPSEC_ACTIVE)
