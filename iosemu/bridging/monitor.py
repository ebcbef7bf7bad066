"""SPAN sessions (`monitor session N …`)."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.net.span import SpanDestination, SpanDirection, SpanSession


@dataclass
class MonitorSession:
    """One session; sources map an interface name or VLAN to `rx`, `tx` or `both`."""

    number: int
    source_interfaces: dict[str, str] = field(default_factory=dict)
    source_vlans: dict[int, str] = field(default_factory=dict)
    source_remote_vlan: int | None = None
    destination_interfaces: list[str] = field(default_factory=list)
    encapsulation: str = ""
    """`dot1q` or `replicate`; empty is native."""
    ingress_vlan: int | None = None
    """VLAN that frames sent into the destination port belong to; None: they are dropped."""
    ingress_encapsulation: str = ""
    """`dot1q` or `untagged` as typed after `ingress`."""
    destination_remote_vlan: int | None = None
    reflector_port: str | None = None
    filter_vlans: frozenset[int] = frozenset()

    @property
    def empty(self) -> bool:
        """Whether nothing is left of the session."""
        return not (
            self.source_interfaces
            or self.source_vlans
            or self.source_remote_vlan
            or self.destination_interfaces
            or self.destination_remote_vlan
            or self.filter_vlans
        )

    @property
    def kind(self) -> str:
        """As `show monitor` names it."""
        if self.source_remote_vlan is not None:
            return "Remote Destination Session"
        if self.destination_remote_vlan is not None:
            return "Remote Source Session"
        return "Local Session"

    @property
    def complete(self) -> bool:
        """Whether it has both ends; half a session mirrors nothing."""
        has_source = self.source_interfaces or self.source_vlans or self.source_remote_vlan
        return bool(has_source and (self.destination_interfaces or self.destination_remote_vlan))

    def mirrored(self) -> SpanSession:
        """What it copies, and where to."""
        vlans = {vlan: SpanDirection(way) for vlan, way in self.source_vlans.items()}
        if self.source_remote_vlan is not None:
            vlans[self.source_remote_vlan] = SpanDirection.RX
        destinations = [
            SpanDestination(name, self.encapsulation == "replicate", self.encapsulation == "dot1q")
            for name in self.destination_interfaces
        ]
        if self.destination_remote_vlan is not None:
            destinations.append(SpanDestination("", remote_vlan=self.destination_remote_vlan))
        return SpanSession(
            self.number,
            {name: SpanDirection(way) for name, way in self.source_interfaces.items()},
            vlans,
            tuple(destinations),
            self.filter_vlans,
        )


@dataclass
class MonitorConfig:
    """All SPAN sessions of a switch."""

    sessions: dict[int, MonitorSession] = field(default_factory=dict)

    def session(self, number: int) -> MonitorSession:
        """The session, made if it is new."""
        return self.sessions.setdefault(number, MonitorSession(number))
