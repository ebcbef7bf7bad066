"""Broadcast and multicast of the time: who sends it, and who listens (RFC 5905 sections 3 and 9.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address

from iosemu.net.ntp.association import PHI, Association, PeerConfig, Sample
from iosemu.packets.ntp import NO_STRATUM, NOT_SYNCHRONIZED, Mode, NtpPacket, difference

INTERVAL_POWER = 6
"""Of two: seconds between two broadcasts."""
LISTEN_MAXPOLL = 10


@dataclass(frozen=True)
class BroadcastConfig:
    """`ntp broadcast …` or `ntp multicast …` of an interface."""

    interface: str
    destination: IPv4Address
    version: int = 4
    key: int | None = None
    ttl: int = 1


@dataclass(frozen=True)
class Listening:
    """Where broadcasts are listened to."""

    interfaces: frozenset[str] = frozenset()
    groups: frozenset[tuple[str, IPv4Address]] = frozenset()
    """Interfaces with the multicast groups that are joined there."""
    delay: float = 0.003
    """Seconds that a broadcast is taken to be on its way there and back, where nobody could measure it
    (`ntp broadcastdelay`)."""

    def hears(self, interface: str, destination: IPv4Address) -> bool:
        """Whether what came to an address on an interface is listened to."""
        if destination.is_multicast:
            return (interface, destination) in self.groups
        return interface in self.interfaces


@dataclass
class Senders:
    """When each broadcast is due."""

    due: dict[BroadcastConfig, float] = field(default_factory=dict)

    def configure(
        self, wanted: tuple[BroadcastConfig, ...], now: float, fraction: Callable[[], float]
    ) -> None:
        """Take over what was typed."""
        self.due = {config: self.due.get(config, now + 1.0 + fraction()) for config in wanted}

    def take(self, now: float) -> list[BroadcastConfig]:
        """Those that are due now; they are due again in an interval."""
        found = [config for config, due in self.due.items() if due <= now]
        for config in found:
            self.due[config] = now + 2.0**INTERVAL_POWER
        return found


def ephemeral(packet: NtpPacket, source: IPv4Address, vrf: str) -> PeerConfig:
    """An association that nobody typed: the server is asked a few times first, to know how far away it is."""
    power = max(4, min(packet.poll, LISTEN_MAXPOLL))
    return PeerConfig(
        source,
        Mode.CLIENT,
        packet.version,
        packet.key,
        iburst=True,
        minpoll=power,
        maxpoll=power,
        vrf=vrf,
        dynamic=True,
    )


def trusted(packet: NtpPacket, keys: Mapping[int, bytes], names: frozenset[int]) -> bool:
    """Whether a packet bears the digest of a key that is trusted."""
    secret = keys.get(packet.key) if packet.key is not None else None
    return secret is not None and packet.key in names and packet.signed_by(secret)


def overheard(association: Association, packet: NtpPacket, arrived: int, now: float, delay: float) -> bool:
    """Take the time of a broadcast; False: its sender does not know the time itself. `delay` is there and back."""
    association.packets_in += 1
    association.peer_mode, association.peer_poll = packet.mode, packet.poll
    association.leap, association.stratum = packet.leap, packet.stratum
    association.precision = packet.precision
    association.root_delay, association.root_dispersion = packet.root_delay, packet.root_dispersion
    association.reference_id, association.reference = packet.reference_id, packet.reference
    association.received_at, association.origin = arrived, packet.transmit
    if packet.leap == NOT_SYNCHRONIZED or packet.stratum >= NO_STRATUM:
        return False
    association.reach |= 1
    association.heard_at = now
    offset = difference(packet.transmit, arrived) + delay / 2
    dispersion = 2.0 ** max(packet.precision, -32) + PHI * delay
    association.take(Sample(offset, delay, dispersion, now), now)
    return True
