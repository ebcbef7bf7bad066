"""Quality of service at work: with `mls qos` each port classifies what comes in, and queues what leaves."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from iosemu.box.interface import Interface
from iosemu.box.service import Service
from iosemu.bridging.bridge import Bridge
from iosemu.bridging.port_view import Label, Marked
from iosemu.net.marking import UNCHANGED, Classifier, dscp_of, is_ipv4, with_dscp
from iosemu.net.tracing import Line
from iosemu.packets.ethernet import VlanTag
from iosemu.subjects.mls_qos.config import PortMarks, QosConfig
from iosemu.subjects.mls_qos.egress import SrrEgress, queueing_of
from iosemu.subjects.mls_qos.policy import PortPolicy, made_of, see
from iosemu.subjects.mls_qos.statistics import Statistics
from iosemu.subjects.mqc.config import MqcConfig, PolicyMap
from iosemu.subjects.mqc.service import Maps

if TYPE_CHECKING:
    from iosemu.box.device import Device


@dataclass(slots=True)
class PortQuality:
    """A port at work."""

    classifier: Classifier = field(default_factory=Classifier)
    policy: PortPolicy | None = None
    by_vlan: dict[int, PortPolicy] = field(default_factory=dict)
    """The policies of VLANs where the port has `mls qos vlan-based`."""
    statistics: Statistics = field(default_factory=Statistics)
    egress: SrrEgress | None = None
    """Its output queues; None while `mls qos` is off."""


class Marking(Service):
    """Gives frames that come in their DSCP, and frames that leave with a tag their priority."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.ports: dict[str, PortQuality] = {}
        """By physical port."""

    def start(self) -> None:
        """Power came."""
        self.device.service(Maps).users.append(self._uses)
        self.changed()

    def _uses(self, policy: PolicyMap) -> bool:
        return not policy.kind and any(
            marks.policy == policy.name
            for config in self.device.config.interfaces.values()
            if (marks := config.held(PortMarks)) is not None
        )

    # --- configuration -------------------------------------------------------------------------------

    def changed(self) -> None:
        """Without `mls qos` a frame costs nothing."""
        enabled = self.device.config.of(QosConfig).enabled
        self.device.service(Bridge).plane.marker = self if enabled else None
        for name in self.ports:
            self._look(self.device.interfaces[name])

    def interface_added(self, interface: Interface) -> None:
        """A port of the chassis, perhaps with its configuration."""
        if interface.name in self.device.switch_ports:
            self.ports[interface.name] = PortQuality()
            interface.cleared.append(partial(self._clear, interface.name))
            self._look(interface)

    def interface_configured(self, interface: Interface) -> None:
        """A port was configured."""
        if interface.name in self.ports:
            self._look(interface)
        else:
            self.changed()

    def interface_removed(self, interface: Interface) -> None:
        """The policy of a VLAN is gone with its interface."""
        self.changed()

    def protocol_changed(self, interface: Interface) -> None:
        """Its line may have another rate now; what waited for a line that is gone is lost."""
        quality = self.ports.get(interface.name)
        if quality is None:
            return
        if quality.egress is not None and not interface.line_up:
            quality.egress.stop()
        self._queue(interface, quality)

    def stop(self) -> None:
        """Power goes."""
        for quality in self.ports.values():
            if quality.egress is not None:
                quality.egress.stop()

    def _clear(self, port: str) -> None:
        """`clear counters`: what `mls qos` counts has a command of its own."""
        egress = self.ports[port].egress
        if egress is not None:
            egress.clear()

    def _look(self, interface: Interface) -> None:
        """See what is configured of a port."""
        quality, config = self.ports[interface.name], self.device.config.of(QosConfig)
        marks = interface.config.held(PortMarks) or PortMarks()
        mutation = config.mutations.get(marks.mutation, UNCHANGED)
        quality.classifier = Classifier(marks.trusted, marks.cos, marks.override, mutation)
        policy = self.device.config.of(MqcConfig).policy_map(marks.policy) if marks.policy else None
        quality.policy = self._policy(quality.policy, policy) if not marks.vlan_based else None
        before, quality.by_vlan = quality.by_vlan, {}
        for vlan, found in self._vlans().items() if marks.vlan_based else ():
            made = self._policy(before.get(vlan), found)
            if made is not None:
                quality.by_vlan[vlan] = made
        self._queue(interface, quality)

    def _policy(self, before: PortPolicy | None, policy: PolicyMap | None) -> PortPolicy | None:
        """A policy at work: the one from before, as long as nothing of it changed."""
        if policy is None:
            return None
        if before is None or before.policy is not policy or before.made_of != made_of(self.device, policy):
            return PortPolicy(self.device, policy)
        return before

    def _vlans(self) -> dict[int, PolicyMap]:
        """The policies of VLAN interfaces."""
        config, found = self.device.config, {}
        for name, each in config.interfaces.items():
            marks = each.held(PortMarks)
            policy = (
                config.of(MqcConfig).policy_map(marks.policy) if marks is not None and marks.policy else None
            )
            if policy is not None and name not in self.ports:
                found[int(name.removeprefix("Vlan"))] = policy
        return found

    def _queue(self, interface: Interface, quality: PortQuality) -> None:
        """Let the port have the output queues that are configured; what waits goes on waiting."""
        before = quality.egress
        wanted = queueing_of(self.device, interface) if self.device.config.of(QosConfig).enabled else None
        if wanted == (before.made_of if before is not None else None):
            return
        waiting = before.stop() if before is not None else []
        quality.egress = interface.egress = None
        if wanted is None:
            for item in waiting:
                item.what.send()
            return
        quality.egress = SrrEgress(self.device, interface, wanted, quality.statistics)
        interface.egress = quality.egress
        quality.egress.take_over(before, waiting)

    # --- frames --------------------------------------------------------------------------------------

    def received(self, port: str, frame: bytes, tag: VlanTag | None, vlan: int | None) -> Marked | None:
        """The untagged frame with the DSCP it is given here, the priority of its tags, and its label.

        None: a policer drops it.
        """
        config, quality = self.device.config.of(QosConfig), self.ports[port]
        priority = None if tag is None else tag.priority
        before, statistics = dscp_of(frame), quality.statistics
        classifier, ip = quality.classifier, is_ipv4(frame)
        statistics.cos_in[priority or 0] += 1
        if ip:
            statistics.dscp_in[before] += 1
        dscp, by_cos = classifier.internal_dscp(frame, priority, config.maps), classifier.by_cos(frame)
        context = self.device.scheduler.context
        where = Line("mls qos")
        policy = quality.policy if vlan is None else quality.by_vlan.get(vlan, quality.policy)
        if policy is not None:
            seen = see(port, frame, tag)
            found = policy.classify(seen)
            if found is not None:
                where = Line(f"policy-map {policy.policy.name}")
                if found.dscp is not None:
                    dscp, by_cos = found.dscp, not ip
                elif found.trust is not None:
                    classifier = replace(classifier, trust=found.trust, override=False)
                    dscp = classifier.internal_dscp(frame, priority, config.maps)
                    by_cos = classifier.by_cos(frame)
                if found.child is not None:
                    found = found.child.classify(seen) or found
                if found.exceeds(self.device.now, len(frame)):
                    statistics.out_of_profile += 1
                    if not found.marks_down:
                        if context is not None:
                            why = f"{port} in: class {found.name} polices it: it exceeds"
                            context.drop(self.device.name, "policy-map", why, where)
                        return None
                    dscp = config.maps.policed_dscp[dscp]
                elif found.polices:
                    statistics.in_profile += 1
        cos = config.maps.dscp_cos[dscp]
        marked = with_dscp(frame, dscp) if config.rewrite else frame
        if context is not None and marked is not frame:
            text = f"{port}: DSCP {before} becomes {dscp}"
            context.note(self.device.name, "mls qos", text, where, Line(f"interface {port}"))
        return Marked(marked, cos, Label(cos, True) if by_cos else Label(dscp, False))

    def priority(self, frame: bytes) -> int:
        """The priority of an untagged frame that the switch itself, or its router, sends into a VLAN."""
        return self.device.config.of(QosConfig).maps.dscp_cos[dscp_of(frame)] if is_ipv4(frame) else 0
