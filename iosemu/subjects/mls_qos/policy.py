"""A policy-map at work on a port: the class of each frame, its mark and its policer.

Policers and marks follow the flowcharts of the software configuration guide of the Catalyst 3560, "Configuring QoS".
The hardware counts nothing by class there, and neither does this: what policers let pass is counted by port.
"""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.box.device import Device
from iosemu.net.marking import Trust
from iosemu.net.queueing.meter import Color, Meter
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.ethernet import HEADER_LENGTH, IPV4, VlanTag
from iosemu.packets.ipv4 import IPv4Packet
from iosemu.subjects.acl.config import AclsConfig
from iosemu.subjects.acl.service import AccessLists
from iosemu.subjects.mls_qos.actions import Policing, Trusting
from iosemu.subjects.mls_qos.config import Limit, PortMarks, QosConfig
from iosemu.subjects.mqc.config import (
    CLASS_DEFAULT,
    ClassMap,
    Criterion,
    MqcConfig,
    PolicyClass,
    PolicyMap,
)
from iosemu.subjects.mqc.criteria import AccessGroup, Anything, fits
from iosemu.subjects.mqc.sighting import Sighting
from iosemu.subjects.qos.config import Nested, SetDscp, SetPrecedence

ANY = ClassMap(CLASS_DEFAULT, match_any=True, criteria=[Anything()])


@dataclass(slots=True)
class FrameSeen(Sighting):
    """A frame that came in on a port, as class-maps see it."""

    frame: bytes = b""
    """Untagged."""


@dataclass(frozen=True)
class HardwareGroup(AccessGroup):
    """`match access-group` on a Catalyst: of IP or of MAC addresses, and without counting matches."""

    def fits(self, device: Device, seen: Sighting) -> bool:
        """Whether the list permits it; a list that does not exist fits nothing."""
        lists = device.config.of(AclsConfig)
        stations = lists.mac.get(self.name)
        if stations is not None and isinstance(seen, FrameSeen):
            return seen.packet is None and stations.permits(seen.frame, seen.cos or 0)
        if seen.packet is None or lists.get(self.name) is None:
            return False
        return device.service(AccessLists).would_permit(self.name, seen.packet)


@dataclass(frozen=True)
class InputPorts(Criterion):
    """`match input-interface X Y …`: in the inner policy of a VLAN's."""

    names: tuple[str, ...]

    def words(self) -> str:
        """As configured."""
        return f"input-interface {' '.join(self.names)}"

    def fits(self, device: Device, seen: Sighting) -> bool:
        """Whether it came in on one of them."""
        return seen.came_in in self.names


class PortClass:
    """A class of a policy on a port."""

    def __init__(
        self, class_map: ClassMap, source: PolicyClass, meter: Meter | None, limit: Limit | None
    ) -> None:
        self.name = source.name
        self.class_map = class_map
        trusting, dscp, precedence = source.find(Trusting), source.find(SetDscp), source.find(SetPrecedence)
        self.trust: Trust | None = trusting.trust if trusting is not None else None
        """None: as the port does."""
        self.dscp: int | None = None
        """What is set; None: nothing."""
        if dscp is not None:
            self.dscp = dscp.value
        elif precedence is not None:
            self.dscp = precedence.value << 3
        self.child: PortPolicy | None = None
        """What polices by port the class of a VLAN."""
        self._meter = meter
        self._limit = limit

    @property
    def polices(self) -> bool:
        """Whether it has a policer."""
        return self._meter is not None

    @property
    def marks_down(self) -> bool:
        """Whether what exceeds goes on with another DSCP."""
        return self._limit is not None and self._limit.mark_down

    def exceeds(self, now: float, octets: int) -> bool:
        """Whether a frame is more than its policer lets pass; where it is not, it spends the tokens."""
        return self._meter is not None and self._meter.judge(now, octets) is not Color.CONFORM


class PortPolicy:
    """A policy on a port."""

    def __init__(self, device: Device, policy: PolicyMap, *, nested: bool = False) -> None:
        self.device = device
        self.policy = policy
        self.made_of = made_of(device, policy)
        aggregates = device.config.of(QosConfig).aggregates
        shared = {name: Meter(limit.rate, limit.burst) for name, limit in aggregates.items()}
        maps = device.config.of(MqcConfig)
        self.classes: list[PortClass] = []
        for name, source in policy.classes.items():
            class_map = ANY if name == CLASS_DEFAULT else maps.class_map(name)
            if class_map is None:
                continue
            policing = source.find(Policing)
            limit, meter = None, None
            if policing is not None and policing.aggregate:
                limit, meter = aggregates.get(policing.aggregate), shared.get(policing.aggregate)
            elif policing is not None and policing.limit is not None:
                limit = policing.limit
                meter = Meter(limit.rate, limit.burst)
            made = PortClass(class_map, source, meter, limit)
            self.classes.append(made)
            inner = source.find(Nested)
            below = maps.policy_map(inner.name) if inner is not None and not nested else None
            if below is not None:
                made.child = PortPolicy(device, below, nested=True)

    def classify(self, seen: FrameSeen) -> PortClass | None:
        """The first class that a frame is of; None: it is of none."""
        return next((each for each in self.classes if fits(self.device, each.class_map, seen)), None)


def see(port: str, frame: bytes, tag: VlanTag | None) -> FrameSeen:
    """An untagged frame as class-maps see it."""
    packet = None
    if frame[12:14] == IPV4:
        try:
            packet = IPv4Packet.parse(frame[HEADER_LENGTH:], verify=False)
        except MalformedPacket:
            packet = None
    return FrameSeen(
        packet,
        port,
        packet.total_length if packet is not None else len(frame) - HEADER_LENGTH,
        tag.priority if tag is not None else None,
        ethertype=int.from_bytes(frame[12:14], "big"),
        frame=frame,
    )


def made_of(device: Device, policy: PolicyMap) -> object:
    """All that a policy on a port depends on: as long as it is equal, its policers go on."""
    config = device.config.of(MqcConfig)
    inner = (each.find(Nested) for each in policy.classes.values())
    below = [config.policy_map(each.name) for each in inner if each is not None]
    return (
        [
            (name, list(each.actions.values()))
            for found in (policy, *below)
            if found is not None
            for name, each in found.classes.items()
        ],
        [(key, each.match_any, list(each.criteria)) for key, each in config.class_maps.items()],
        dict(device.config.of(QosConfig).aggregates),
    )


def using(device: Device, aggregate: str) -> list[str]:
    """The names of the policy-maps with classes that an aggregate policer judges."""
    return [
        policy.name
        for policy in device.config.of(MqcConfig).policy_maps.values()
        if any(
            policing.aggregate == aggregate
            for each in policy.classes.values()
            if (policing := each.find(Policing)) is not None
        )
    ]


def refusal(policy: PolicyMap, *, of_vlan: bool) -> str:
    """Why a port, or the interface of a VLAN, cannot have a policy; empty where it can."""
    for each in policy.classes.values():
        if of_vlan and each.find(Policing) is not None:
            return "QoS: police is not supported in the parent policy-map of a VLAN interface"
        if not of_vlan and each.find(Nested) is not None:
            return "QoS: hierarchical policy-maps are supported on VLAN interfaces only"
    return ""


def applied(device: Device, policy: PolicyMap) -> str:
    """Why a policy cannot be as it is now where it is attached; empty where it can."""
    for name, config in device.config.interfaces.items():
        marks = config.held(PortMarks)
        problem = ""
        if marks is not None and marks.policy == policy.name:
            problem = refusal(policy, of_vlan=name not in device.switch_ports)
        if problem:
            return problem
    return ""
