"""What class-maps and policy-maps of `type inspect` say, and `parameter-map type inspect`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from iosemu.box.device import Device
from iosemu.net.inspection.port_map import runs_over
from iosemu.net.inspection.settings import Limits
from iosemu.net.rewrite import ends_of
from iosemu.packets.ipv4 import Protocol
from iosemu.subjects.firewall.config.inspecting import Inspecting
from iosemu.subjects.mqc.config import Action, Criterion, PolicyClass
from iosemu.subjects.mqc.sighting import Sighting

KIND = "inspect"
"""The kind of these maps."""
GLOBAL = "global"
"""The parameter map of the whole box."""


@dataclass(frozen=True)
class InspectProtocol(Criterion):
    """`match protocol NAME`: a transport, or an application by the port that packets go to."""

    name: str

    def words(self) -> str:
        """`protocol NAME`."""
        return f"protocol {self.name}"

    def fits(self, device: Device, seen: Sighting) -> bool:
        """Whether a packet goes to it."""
        packet = seen.packet
        if packet is None:
            return False
        ends = ends_of(packet)
        port = ends.destination_port if ends is not None and ends.protocol != Protocol.ICMP else 0
        return runs_over(self.name, packet.protocol, port)


@dataclass
class Decision(Action):
    """`inspect [PARAMETER-MAP]`, `pass [log]` or `drop [log]`; a class has one of them, or drops without."""

    verb: str = "drop"
    parameters: str = ""
    """The parameter map of `inspect`; empty: the default one."""
    log: bool = False

    def lines(self, device: Device) -> Iterator[str]:
        """Its line of configuration."""
        yield " ".join(each for each in (self.verb, self.parameters, "log" if self.log else "") if each)


@dataclass
class PoliceRate(Action):
    """`police rate RATE burst BURST`, beside `inspect`."""

    rate: int
    """Bits a second."""
    burst: int
    """Octets."""

    def lines(self, device: Device) -> Iterator[str]:
        """Its line of configuration."""
        yield f"police rate {self.rate} burst {self.burst}"


_DROP = Decision()


def decision_of(policy_class: PolicyClass) -> Decision:
    """What a class does; one that says nothing drops."""
    return policy_class.find(Decision) or _DROP


@dataclass
class ParameterMap(Inspecting):
    """`parameter-map type inspect NAME`.

    `log_dropped` is `log dropped-packets enable`, of the map `global` alone; its limits are those of a class.
    """

    name: str = ""
    alert: bool = True
    sessions: int | None = None

    def limits(self) -> Limits:
        """What it says of all sessions of a class together, with how many there may be."""
        return replace(super().limits(), sessions=self.sessions)


@dataclass
class ParameterMaps:
    """`parameter-map type inspect …`, by name."""

    maps: dict[str, ParameterMap] = field(default_factory=dict)

    def find(self, name: str) -> ParameterMap:
        """The named one; the default one where there is none of that name."""
        return self.maps.get(name) or ParameterMap("Default")
