"""Zones: what passes from one to another."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.box.service import Service
from iosemu.ip.path import Local, Out, Transit
from iosemu.ip.stack import IpStack
from iosemu.net.inspection.session import Group, Session, Statistics
from iosemu.net.inspection.settings import Settings
from iosemu.net.queueing.meter import Bucket
from iosemu.packets.ipv4 import IPv4Packet
from iosemu.subjects.firewall.config.maps import GLOBAL, KIND, ParameterMaps, PoliceRate, decision_of
from iosemu.subjects.firewall.config.zones import SELF, ZoneMember, ZonePair, ZonesConfig
from iosemu.subjects.firewall.service import tracing
from iosemu.subjects.firewall.service.classification import classify
from iosemu.subjects.firewall.service.drop_log import DropLog
from iosemu.subjects.firewall.service.keeper import SessionKeeper
from iosemu.subjects.mqc.config import Criterion, MqcConfig, PolicyClass, PolicyMap
from iosemu.subjects.mqc.service import Maps
from iosemu.subjects.mqc.sighting import Sighting

ACTION = "DROP action found in policy-map"
PASSED = "PASS action found in policy-map"
RATE = "police rate limiting"


@dataclass(eq=False)
class ClassState:
    """What a class has seen on a zone pair."""

    group: Group
    settings: Settings
    packets: int = 0
    octets: int = 0
    """Passed or dropped, by a class that does so."""
    matched: dict[Criterion, list[int]] = field(default_factory=dict)
    """Packets and octets by the line that they matched."""
    bucket: Bucket | None = None
    """What `police` measures by."""
    conformed: list[int] = field(default_factory=lambda: [0, 0])
    """Packets and octets within the rate."""
    exceeded: list[int] = field(default_factory=lambda: [0, 0])

    def clear(self, now: float) -> None:
        """Count from now on; sessions stay."""
        self.group.statistics = Statistics(reset=now)
        self.packets = self.octets = 0
        self.matched.clear()
        self.conformed, self.exceeded = [0, 0], [0, 0]

    def conforms(self, policy_class: PolicyClass, octets: int, now: float) -> bool:
        """Whether a packet is within the rate of its class."""
        police = policy_class.find(PoliceRate)
        if police is None:
            return True
        bucket = self.bucket = self.bucket or Bucket(police.rate, police.burst)
        bucket.rate, bucket.size = police.rate, police.burst
        bucket.fill(now)
        conforms = bucket.take(octets)
        count(self.conformed if conforms else self.exceeded, octets)
        return conforms


@dataclass(frozen=True)
class Origin:
    """What let a session begin."""

    pair: ZonePair
    policy_class: PolicyClass


def count(counter: list[int], octets: int) -> None:
    """One more packet."""
    counter[0] += 1
    counter[1] += octets


class ZoneFirewall(Service):
    """`zone-member security`: in the way of packets while an interface is in a zone."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.keeper = SessionKeeper(device)
        self.log = DropLog(device)
        self.classes: dict[tuple[str, str], ClassState] = {}
        """By the names of zone pair and class."""
        self._members: set[str] = set()

    # --- configuration -------------------------------------------------------------------------------

    def start(self) -> None:
        """Say which policy-maps are in use."""
        self.device.service(Maps).users.append(self._uses)

    def _uses(self, policy: PolicyMap) -> bool:
        pairs = self.device.config.of(ZonesConfig).pairs.values()
        return policy.kind == KIND and any(each.policy == policy.name for each in pairs)

    def stop(self) -> None:
        """Power goes."""
        self.keeper.stop()
        self.log.stop()

    def interface_configured(self, interface: Interface) -> None:
        """`zone-member security` may have been typed."""
        member = interface.config.held(ZoneMember)
        self._stand(interface.name, member is not None and bool(member.zone))

    def interface_added(self, interface: Interface) -> None:
        """It may have come with its configuration."""
        self.interface_configured(interface)

    def interface_removed(self, interface: Interface) -> None:
        """It leaves its zone."""
        self._stand(interface.name, False)

    def changed(self) -> None:
        """Maps, zones or pairs are others: what was let begin by a policy that is gone ends."""
        for name in list(self._members):
            config = self.device.config.interfaces.get(name)
            member = config.held(ZoneMember) if config is not None else None
            self._stand(name, member is not None and bool(member.zone))
        self.device.soon(self._fit)

    def _stand(self, name: str, inside: bool) -> None:
        if inside == (name in self._members):
            return
        before = bool(self._members)
        self._members ^= {name}
        stack = self.device.service(IpStack)
        if not before:
            stack.outgoing.hook(Out.INSPECTION, self._outgoing)
            stack.local.hook(Local.INSPECTION, self._own)
        elif not self._members:
            stack.outgoing.unhook(self._outgoing)
            stack.local.unhook(self._own)
            self.keeper.inspector.clear()
            self.keeper.settle()

    def _fit(self) -> None:
        zones, maps = self.device.config.of(ZonesConfig), self.device.config.of(MqcConfig)
        kept: dict[tuple[str, str], ClassState] = {}
        for pair in zones.pairs.values():
            policy = maps.policy_map(pair.policy, KIND)
            for each in policy.classes.values() if policy is not None else ():
                state = self.classes.get((pair.name, each.name))
                if state is not None:
                    kept[pair.name, each.name] = state
                    self._set(state, each)
                    if decision_of(each).verb != "inspect":
                        self._forget(state)
        for key, state in self.classes.items():
            if key not in kept:
                self._forget(state)
        self.classes = kept
        self.keeper.settle()

    def _forget(self, state: ClassState) -> None:
        self.keeper.inspector.clear(lambda session: session.group is state.group)

    def _set(self, state: ClassState, policy_class: PolicyClass) -> None:
        parameters = self.device.config.of(ParameterMaps).find(decision_of(policy_class).parameters)
        state.settings = parameters.settings(alert=parameters.alert, audit_trail=parameters.audit_trail)
        state.group.limits, state.group.alert = parameters.limits(), parameters.alert

    def state(self, pair: str, policy_class: PolicyClass) -> ClassState:
        """What a class has seen on a zone pair."""
        found = self.classes.get((pair, policy_class.name))
        if found is None:
            group = Group(f"(target:class)-({pair}:{policy_class.name}):")
            found = self.classes[pair, policy_class.name] = ClassState(group, Settings())
            self._set(found, policy_class)
        return found

    def sessions(self, pair: str, class_name: str) -> list[Session]:
        """The sessions that a class let begin."""
        state = self.classes.get((pair, class_name))
        return [each for each in self.keeper.inspector if state is not None and each.group is state.group]

    # --- packets -------------------------------------------------------------------------------------

    def _zone(self, interface: Interface) -> str:
        member = interface.config.held(ZoneMember)
        return member.zone if member is not None else ""

    def _outgoing(self, transit: Transit) -> bool:
        assert transit.out is not None
        source = SELF if transit.came_in is None else self._zone(transit.came_in)
        return self._decide(transit, source, self._zone(transit.out))

    def _own(self, transit: Transit) -> bool:
        if transit.out is not None:
            return self._decide(transit, SELF, self._zone(transit.out))
        assert transit.came_in is not None
        return self._decide(transit, self._zone(transit.came_in), SELF)

    def _decide(self, transit: Transit, source: str, destination: str) -> bool:
        zones = self.device.config.of(ZonesConfig)
        pair = zones.pair(source, destination) if source and destination else None
        if (source == destination and pair is None) or (
            SELF in (source, destination) and "" in (source, destination)
        ):
            return True
        context, name = self.device.scheduler.context, self.device.name
        if not source or not destination:
            if context is not None and transit.came_in is not None and transit.out is not None:
                inside, outside = transit.came_in.name, transit.out.name
                places = (inside, outside) if source else (outside, inside)
                tracing.no_zone(name, context, source or destination, *places)
            self._dropped(transit.packet, "zone mismatch")
            return False
        packet = self.keeper.whole(transit.packet)
        if packet is None:
            if context is not None:
                tracing.waits(name, context)
            return False
        transit.packet = packet
        known = self._of_session(transit, source, destination)
        if known is not None:
            return known
        policy = self._policy(pair)
        if pair is None or policy is None:
            if SELF in (source, destination):
                return True
            if context is not None:
                tracing.no_policy(name, context, (source, destination), pair)
            self._dropped(packet, "no zone-pair" if pair is None else "policy match failure")
            return False
        return self._by_policy(transit, pair, policy)

    def _policy(self, pair: ZonePair | None) -> PolicyMap | None:
        return self.device.config.of(MqcConfig).policy_map(pair.policy, KIND) if pair is not None else None

    def _of_session(self, transit: Transit, source: str, destination: str) -> bool | None:
        """Whether a packet passes as part of a session between these zones; None: it is of none."""
        inspector, packet, vrf = self.keeper.inspector, transit.packet, transit.vrf.name
        found = inspector.find(packet, vrf)
        session = found[0] if found is not None else None
        if session is not None and self._between(session) not in (
            (source, destination),
            (destination, source),
        ):
            return None
        reason = ""
        if session is not None and isinstance(session.origin, Origin):
            policy_class = session.origin.policy_class
            state = self.state(session.origin.pair.name, policy_class)
            reason = "" if state.conforms(policy_class, packet.total_length, self.device.now) else RATE
        if not reason:
            verdict = inspector.judge(packet, self.device.now, vrf)
            if verdict is None:
                return None
            session, reason = verdict.session, verdict.reason
        origin = session.origin if session is not None else None
        if session is None or not isinstance(origin, Origin):
            return not reason
        context = self.device.scheduler.context
        if context is not None:
            tracing.continued(self.device.name, context, session, origin.pair, reason)
        if reason:
            policy_class = origin.policy_class
            self._dropped(packet, reason, origin.pair, policy_class.name, log=decision_of(policy_class).log)
        self.keeper.settle()
        return not reason

    @staticmethod
    def _between(session: Session) -> tuple[str, str]:
        origin = session.origin
        return (origin.pair.source, origin.pair.destination) if isinstance(origin, Origin) else ("", "")

    def _by_policy(self, transit: Transit, pair: ZonePair, policy: PolicyMap) -> bool:
        packet, octets = transit.packet, transit.packet.total_length
        found = classify(self.device, policy, Sighting(packet, octets=octets, transit=transit))
        policy_class = found.policy_class
        state, decision = self.state(pair.name, policy_class), decision_of(policy_class)
        for criterion in found.criteria:
            count(state.matched.setdefault(criterion, [0, 0]), octets)
        reason = ""
        if decision.verb == "inspect":
            reason = self._inspect(transit, pair, policy_class, state, found.application)
        else:
            state.packets += 1
            state.octets += octets
        context = self.device.scheduler.context
        if context is not None:
            tracing.decided(self.device.name, context, pair, policy_class, reason)
        passes = not reason and decision.verb != "drop"
        if passes and decision.log:
            self.log.note(packet, PASSED, pair=pair.name, class_name=policy_class.name, passed=True)
        if not passes:
            self._dropped(packet, reason or ACTION, pair, policy_class.name, log=decision.log)
        self.keeper.settle()
        return passes

    def _inspect(
        self, transit: Transit, pair: ZonePair, policy_class: PolicyClass, state: ClassState, application: str
    ) -> str:
        """Begin a session; why it may not, or nothing."""
        packet, now = transit.packet, self.device.now
        if not state.conforms(policy_class, packet.total_length, now):
            return RATE
        verdict = self.keeper.inspector.begin(
            packet,
            now,
            state.group,
            state.settings,
            application=application,
            origin=Origin(pair, policy_class),
            vrf=transit.vrf.name,
        )
        return verdict.reason

    def _dropped(
        self,
        packet: IPv4Packet,
        reason: str,
        pair: ZonePair | None = None,
        class_name: str = "",
        *,
        log: bool = False,
    ) -> None:
        self.device.service(IpStack).counters.denied += 1
        whole_box = self.device.config.of(ParameterMaps).maps.get(GLOBAL)
        if log or (whole_box is not None and whole_box.log_dropped):
            name = pair.name if pair is not None else ""
            self.log.note(packet, reason, pair=name, class_name=class_name)
