"""Access lists in the way of packets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.box.service import Service
from iosemu.box.time_zone import seconds_between
from iosemu.box.timestamps import local_time
from iosemu.ip import debug
from iosemu.ip.config import IpSettings
from iosemu.ip.path import In, Out, Transit
from iosemu.ip.stack import IpStack
from iosemu.net.scheduler import Timer
from iosemu.packets.icmp import UnreachableCode
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.subjects.acl import tracing
from iosemu.subjects.acl.config import AccessGroups, AclsConfig, Action, Entry
from iosemu.subjects.acl.evaluation import Flow, check, find
from iosemu.subjects.acl.log import AccessLog
from iosemu.subjects.acl.reflexive import BACK, OUT, ReflexiveList, Session


class AccessLists(Service):
    """`ip access-group`; the lists are read as packets come, the clock when time ranges begin and end."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.log = AccessLog(device)
        self._timer: Timer | None = None
        self._ends: dict[str, Timer] = {}
        """When an entry of a reflexive list ends, by its name."""
        self.bypasses: list[Callable[[Transit], bool]] = []
        """Who lets packets pass an interface's list unasked: those of sessions that are inspected."""
        self._guarded: set[str] = set()
        """The interfaces that have an access group."""

    def stop(self) -> None:
        """Power goes."""
        self.log.stop()
        for timer in self._ends.values():
            timer.cancel()
        self._ends.clear()
        if self._timer is not None:
            self._timer.cancel()

    def changed(self) -> None:
        """A time range, or the clock, may be another."""
        self._look()

    def interface_configured(self, interface: Interface) -> None:
        """`ip access-group` may have been typed."""
        groups = interface.config.held(AccessGroups)
        self._stand(interface, groups is not None and (groups.inbound or groups.outbound) is not None)

    def interface_added(self, interface: Interface) -> None:
        """It may have come with its configuration."""
        self.interface_configured(interface)

    def interface_removed(self, interface: Interface) -> None:
        """Its groups are gone with it."""
        self._stand(interface, False)

    def _stand(self, interface: Interface, guarded: bool) -> None:
        """Be in the packets' way while any interface has an access group."""
        if guarded == (interface.name in self._guarded):
            return
        before = bool(self._guarded)
        self._guarded ^= {interface.name}
        stack = self.device.service(IpStack)
        if not before:
            stack.incoming.hook(In.ACCESS_LIST, self._incoming)
            stack.outgoing.hook(Out.ACCESS_LIST, self._outgoing)
        elif not self._guarded:
            stack.incoming.unhook(self._incoming)
            stack.outgoing.unhook(self._outgoing)

    def _look(self) -> None:
        """Note which time ranges hold now, and look again when that changes."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        ranges = self.device.config.of(AclsConfig).time_ranges.values()
        if not ranges:
            return
        clock = local_time(self.device, self.device.now)
        now = clock.replace(tzinfo=None)
        changes: list[datetime] = []
        for each in ranges:
            each.active = each.holds(now)
            change = each.next_change(now)
            if change is not None:
                changes.append(change)
        seconds = seconds_between(clock, lambda _: min(changes, default=None))
        if seconds is not None:
            self._timer = self.device.scheduler.after(seconds, self._look)

    def permits(self, name: str | None, packet: IPv4Packet, transit: Transit | None = None) -> bool:
        """Whether a list lets a packet pass; the match is counted and, if it says so, reported.

        No list, one that does not exist and one without entries let everything pass, as on IOS.
        """
        access_list = self.device.config.of(AclsConfig).get(name)
        if access_list is None or not access_list.items:
            return True
        flow = Flow.of(packet)
        entry = check(access_list, flow)
        context = self.device.scheduler.context
        if context is not None and transit is not None:
            tracing.judged(self.device.name, context, access_list, entry, packet)
        if entry is None:
            return False
        if entry.log:
            self.log.note(access_list, entry, flow, transit)
        if entry.reflexive is not None and not flow.later_fragment:
            self._reflect(entry, entry.reflexive, flow)
        return entry.action is Action.PERMIT

    def _reflect(self, entry: Entry, reflexive: ReflexiveList, flow: Flow) -> None:
        """A packet of a session passes: one that makes it, or an answer."""
        now = self.device.now
        key = flow.session if entry.evaluate else flow.reversed().session
        session = reflexive.sessions.get(key)
        if session is None:
            timeout = entry.reflect_timeout or self.device.config.of(AclsConfig).reflexive_timeout
            session = reflexive.sessions[key] = Session(timeout, now + timeout)
        session.pass_(BACK if entry.evaluate else OUT, flow.tcp_flags, now)
        self._prune(reflexive)

    def _prune(self, reflexive: ReflexiveList) -> None:
        """Let entries end when their time comes."""
        reflexive.tick(self.device.now)
        due, known = reflexive.next_timer(), self._ends.get(reflexive.name)
        if known is not None and not known.cancelled and known.when == due:
            return
        if known is not None:
            known.cancel()
            del self._ends[reflexive.name]
        if due is not None:
            self._ends[reflexive.name] = self.device.scheduler.at(due, lambda: self._prune(reflexive))

    def would_permit(self, name: str, packet: IPv4Packet) -> bool:
        """As `permits`, but nothing is counted and nothing told."""
        access_list = self.device.config.of(AclsConfig).get(name)
        if access_list is None or not access_list.items:
            return True
        entry = find(access_list, Flow.of(packet))
        return entry is not None and entry.action is Action.PERMIT

    def permits_address(self, name: str, address: IPv4Address) -> bool:
        """Whether a list permits a source address (`access-class`)."""
        return self.permits(name, IPv4Packet(address, IPv4Address(0), Protocol.TCP, b""))

    def _incoming(self, transit: Transit) -> bool:
        interface = transit.came_in
        assert interface is not None
        name = interface.config.of(AccessGroups).inbound
        return name is None or self._judge(name, transit)

    def _outgoing(self, transit: Transit) -> bool:
        out = transit.out
        assert out is not None
        name = out.config.of(AccessGroups).outbound
        return name is None or transit.came_in is None or self._judge(name, transit)

    def _judge(self, name: str, transit: Transit) -> bool:
        """Whether a list lets a packet pass; whoever sent one that does not is told."""
        if any(bypass(transit) for bypass in self.bypasses):
            return True
        if self.permits(name, transit.packet, transit):
            return True
        stack, interface = self.device.service(IpStack), transit.came_in
        stack.counters.denied += 1
        if self.device.scheduler.context is not None:
            self.device.scheduler.context.drop_there()
        if self.device.debugging.any:
            came_in = interface.name if interface is not None else None
            what = f"{debug.length(transit.packet)}, access denied"
            debug.packet(stack, transit.packet, came_in, None, what)
        if (
            interface is not None
            and interface.config.of(IpSettings).unreachables
            and not transit.link_broadcast
        ):
            stack.icmp.unreachable(UnreachableCode.ADMINISTRATIVELY_PROHIBITED, transit.packet, interface)
        return False
