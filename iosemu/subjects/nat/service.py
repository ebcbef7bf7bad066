"""Network address translation of a router (RFC 3022): inside sources, dynamic, overloaded and static."""

from __future__ import annotations

from functools import partial
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from iosemu.box.interface import Interface
from iosemu.box.service import Service
from iosemu.ip.path import In, Out, Transit
from iosemu.ip.stack import IpStack
from iosemu.ip.vrf import Vrf
from iosemu.net.fragment import Reassembler
from iosemu.net.rewrite import Ends, ends_of, quoted, rewrite, rewrite_quoted
from iosemu.net.scheduler import Timer
from iosemu.packets.addresses import MacAddress
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.subjects.acl.config import AclsConfig, Action
from iosemu.subjects.acl.evaluation import Flow, find
from iosemu.subjects.nat import tracing
from iosemu.subjects.nat.config import NAT_DEBUG, NatConfig, NatSide, Rule, Static
from iosemu.subjects.nat.outer_addresses import OuterAddresses
from iosemu.subjects.nat.outside import OutsideSources
from iosemu.subjects.nat.table import Address, NatTable, Translation
from iosemu.subjects.policy.service import Policies

if TYPE_CHECKING:
    from iosemu.box.device import Device

NUMBERS = {"tcp": int(Protocol.TCP), "udp": int(Protocol.UDP), "esp": int(Protocol.ESP)}
DNS = 53
_FIN_RST, _ACK = 0x05, 0x10


class Nat(Service):
    """Translates packets between inside and outside interfaces.

    A packet that came in on an inside interface and leaves by an outside one gets another source after it
    was routed; one that comes in on an outside interface gets its destination back before. Packets that the
    router makes itself are not translated.
    """

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.table = NatTable()
        self.outside = OutsideSources(device)
        self.hits = self.misses = self.expired = 0
        self.peak = 0
        self.peak_at = 0.0
        self.outer = OuterAddresses(device, self.table)
        self._active = False
        self._redundant: dict[tuple[str, IPv4Address], MacAddress] = {}
        """The addresses that are answered for with a first-hop group, and its station."""
        self._answering: dict[str, Vrf] = {}
        """The tables in which ARP asks here for addresses that are given out."""
        self._sided: set[str] = set()
        """The interfaces that are inside or outside."""
        self._reassembler = Reassembler()
        self._timer: Timer | None = None
        self._automatic: dict[str, tuple[tuple[Rule, ...], dict[str, str]]] = {}
        """By who wants them: rules that nobody typed, and the sides of interfaces that go with them."""

    @property
    def rules(self) -> list[Rule]:
        """The rules in the order in which they are looked at: those that nobody typed come first."""
        automatic = [rule for rules, _sides in self._automatic.values() for rule in rules]
        return automatic + self.device.config.of(NatConfig).rules

    def automate(self, owner: str, rules: tuple[Rule, ...], sides: dict[str, str]) -> None:
        """Have rules that nobody types, in the place of those that `owner` had before; none of them: `()`."""
        had = self._automatic.pop(owner, None)
        if rules:
            self._automatic[owner] = (rules, sides)
        for name in {*sides, *(had[1] if had is not None else ())}:
            self._note_side(name)
        if had is not None or rules:
            self.device.soon(self._fit)

    # --- configuration -------------------------------------------------------------------------------

    def start(self) -> None:
        """Watch the first-hop groups that static translations go with."""
        stack = self.device.service(IpStack)
        stack.virtual.listeners.append(self._redundancy_changed)

    def interface_configured(self, interface: Interface) -> None:
        """`ip nat inside` or `outside` of an interface."""
        self._note_side(interface.name)
        self.device.soon(self._fit)

    def interface_removed(self, interface: Interface) -> None:
        """One interface less may have a side."""
        self.interface_configured(interface)

    def addresses_changed(self, interface: Interface) -> None:
        """Rules and static translations may go by an interface's address."""
        self.device.soon(self._fit)

    def changed(self) -> None:
        """`ip nat …` was typed."""
        for name in {*self._sided, *self.device.config.interfaces}:
            self._note_side(name)
        stack = self.device.service(IpStack)
        self.device.config.of(NatConfig).forget_vrfs(lambda name: stack.find_vrf(name) is not None)
        self.device.soon(self._fit)

    def _note_side(self, name: str) -> None:
        if self._side(name) and name in self.device.interfaces:
            self._sided.add(name)
        else:
            self._sided.discard(name)

    def _fit(self) -> None:
        """Take notice of `ip nat …`: static translations come and go, and those without a rule go."""
        config, stack = self.device.config.of(NatConfig), self.device.service(IpStack)
        active = bool(self._sided)
        if active != self._active:
            self._active = active
            if active:
                stack.incoming.hook(In.TRANSLATION, self._incoming)
                stack.outgoing.hook(Out.TRANSLATION, self._outgoing)
            else:
                stack.incoming.unhook(self._incoming)
                stack.outgoing.unhook(self._outgoing)
        self._fit_answers()
        wanted = {each: outer for each in config.statics if (outer := self.outer.of_static(each)) is not None}
        for entry in self.table:
            origin = entry.origin
            gone = isinstance(origin, Rule) and (
                origin not in self.rules or entry.outer[0] not in self.outer.of_rule(origin)
            )
            if isinstance(origin, Static):
                gone = origin not in wanted or (not origin.is_network and wanted[origin] != entry.outer[0])
            if gone:
                self.table.remove(entry)
        self.outside.fit()
        self._fit_redundancy()
        held = {entry.origin for entry in self.table if entry.static}
        for static, outer in wanted.items():
            if static not in held:
                self._add(
                    (static.local, static.local_port),
                    (outer, static.outer_port),
                    protocol=NUMBERS.get(static.protocol),
                    origin=static,
                )

    def stop(self) -> None:
        """Forget the timer; the box is switched off."""
        if self._timer is not None:
            self._timer.cancel()

    def routes_changed(self) -> None:
        """The way to an outside host that has a route from another instance may be another one."""
        if len(self.outside):
            self.outside.fit_routes()

    def clear(self, vrf: str | None = None) -> None:
        """`clear ip nat translation [vrf V] *`: everything that is not static."""
        for entry in self.table:
            if not entry.static and vrf in (None, entry.vrf):
                self.table.remove(entry)
        self.outside.clear(vrf)

    def seen(self, entry: Translation) -> Address | None:
        """The address and port by which inside knows the far end of a conversation; None without a far end."""
        if entry.outside is None:
            return None
        known = self.outside.known(entry.protocol or 0, entry.outside, entry.vrf, entry.outside_vrf)
        return known or entry.outside

    def _fit_answers(self) -> None:
        """Have ARP answered for the addresses that are given out, in the tables where the outside is."""
        config, stack = self.device.config.of(NatConfig), self.device.service(IpStack)
        homes = {each.outside_vrf for each in config.rules} | {each.outside_vrf for each in config.statics}
        homes |= {each.vrf for each in config.outside_rules} | {each.vrf for each in config.outside_statics}
        for name in {"", *homes}:
            vrf = stack.vrf(name)
            if self._answering.get(name) is not vrf:
                self._answering[name] = vrf
                vrf.arp.aliases.append(partial(self._answers, name))

    def _answers(self, vrf: str, address: IPv4Address) -> bool:
        """Whether ARP answers in a table for an inside global address that no interface has."""
        if not self._active:
            return False
        config = self.device.config.of(NatConfig)
        homes: dict[str, set[str]] = {}
        for rule in config.rules:
            homes.setdefault(rule.pool or "", set()).add(rule.outside_vrf)
        if any(address in pool and vrf in homes.get(name, {""}) for name, pool in config.pools.items()):
            return True
        if self.outside.answers(address, vrf):
            return True
        return any(
            static.mapped(address, back=True) is not None if static.is_network else address == static.outer
            for static in config.statics
            if not static.no_alias and not static.redundancy and static.outside_vrf == vrf
        )

    def _redundancy_changed(self, name: str) -> None:
        if any(static.redundancy == name for static in self.device.config.of(NatConfig).statics):
            self._fit_redundancy()

    def _fit_redundancy(self) -> None:
        """Answer for the addresses that go with a first-hop group, as long as that is active here."""
        stack = self.device.service(IpStack)
        virtual = stack.virtual
        wanted: dict[tuple[str, IPv4Address], MacAddress] = {}
        for static in self.device.config.of(NatConfig).statics if self._active else ():
            group = virtual.redundancy.get(static.redundancy)
            if group is not None and group.active and static.outer is not None:
                wanted[group.interface, static.outer] = group.station
        for place in self._redundant.keys() - wanted.keys():
            virtual.forget(*place)
        for (interface, address), station in wanted.items():
            if self._redundant.get((interface, address)) != station:
                virtual.answer_for(stack.interfaces[interface], address, station)
        self._redundant = wanted

    def _side(self, interface: str) -> str:
        config = self.device.config.interfaces.get(interface)
        side = config.held(NatSide) if config is not None else None
        if side is not None and side.side:
            return side.side
        sides = (sides for _rules, sides in self._automatic.values())
        return next((each[interface] for each in sides if interface in each), "")

    def _vrf(self, interface: str) -> str:
        return self.device.service(IpStack).vrf_of(interface).name

    # --- packets -------------------------------------------------------------------------------------

    def _incoming(self, transit: Transit) -> bool:
        assert transit.came_in is not None
        name, before = transit.came_in.name, transit.packet
        after, vrf = self.inward(before, name)
        passes = _replace(transit, after)
        if vrf is not None:
            transit.vrf = self.device.service(IpStack).vrf(vrf)
        context = self.device.scheduler.context
        if context is not None and self._side(name) == "outside":
            tracing.came_in(self.device, context, self.table, before, after, self._vrf(name))
        return passes

    def _outgoing(self, transit: Transit) -> bool:
        assert transit.out is not None
        came_in = transit.came_in.name if transit.came_in is not None else None
        name, before = transit.out.name, transit.packet
        passes = _replace(transit, self.outward(before, name, came_in))
        context = self.device.scheduler.context
        if context is not None and came_in is not None and self._side(name) == "outside":
            inside = self._side(came_in) == "inside"
            after = transit.packet if passes else None
            no_inside = came_in if not inside else ""
            tracing.goes_out(self.device, context, self.table, before, after, no_inside, self._vrf(came_in))
        return passes

    def outward(self, packet: IPv4Packet, out: str, came_in: str | None) -> IPv4Packet | None:
        """A routed packet about to leave by `out`; None: it must not leave as it is, or a piece is missing."""
        if came_in is None or self._side(out) != "outside" or self._side(came_in) != "inside":
            return packet
        vrf, outside_vrf = self._vrf(came_in), self._vrf(out)
        whole = self._reassembler.add(packet, self.device.now)
        if whole is None:
            return None
        ends = ends_of(whole)
        if ends is None:
            return self._error_outward(whole, vrf, outside_vrf)
        beyond = self.outside.to_global(ends, vrf, outside_vrf)
        if beyond is not None:
            ends = Ends(ends.protocol, ends.source, ends.source_port, *beyond)
        entry = self.table.outward(ends, vrf)
        if entry is not None and entry.outside_vrf != outside_vrf:
            return whole
        if entry is None:
            entry, passes = self._begin_outward(whole, ends, out, vrf)
            if entry is None:
                if beyond is not None and passes:
                    return self._log(whole, rewrite(whole, ends))
                return whole if passes else None
            self.misses += 1
        else:
            self.hits += 1
        self._use(entry, whole, ends)
        port = entry.outer[1]
        far = port if ends.protocol == Protocol.ICMP else ends.destination_port
        return self._log(
            whole, rewrite(whole, Ends(ends.protocol, entry.outer[0], port, ends.destination, far))
        )

    def inward(self, packet: IPv4Packet, interface: str) -> tuple[IPv4Packet | None, str | None]:
        """A packet that came in on `interface`, before it is routed; None: a piece of it is missing.

        With it the instance that it is to be routed in; None: as without translation.
        """
        if self._side(interface) != "outside":
            return packet, None
        vrf = self._vrf(interface)
        if packet.is_fragment:
            if not self._known(packet.destination, vrf):
                return packet, None
            whole = self._reassembler.add(packet, self.device.now)
            if whole is None:
                return None, None
            packet = whole
        ends = ends_of(packet)
        if ends is None:
            return self._error_inward(packet, vrf)
        entry = self.table.inward(ends, vrf)
        known = entry is not None
        entry = entry or self._begin_inward(ends, vrf)
        home = entry.vrf if entry is not None else vrf
        near = self.outside.to_local(packet, ends, home, vrf)
        source = near[0] if near is not None else ends.source
        if entry is None:
            if near is not None:
                beyond = Ends(ends.protocol, *near, ends.destination, ends.destination_port)
                return self._log(packet, rewrite(packet, beyond)), None
            return packet, None
        if known:
            self.hits += 1
        else:
            self.misses += 1
        self._use(entry, packet, ends)
        port = entry.local[1]
        far = port if ends.protocol == Protocol.ICMP else near[1] if near is not None else ends.source_port
        told = Ends(ends.protocol, source, far, entry.local[0], port)
        return self._log(packet, rewrite(packet, told)), entry.vrf

    def inside_ends(self, packet: IPv4Packet, interface: str) -> tuple[Ends, str] | None:
        """The ends that a packet from outside will have inside, and the instance that it is routed in there.

        Of an ICMP error those of the packet that it quotes. None: no translation is about it; nothing changes.
        """
        if self._side(interface) != "outside":
            return None
        ends = ends_of(packet)
        inner = quoted(packet) if ends is None else None
        error = ends_of(inner) if inner is not None else None
        if error is not None:
            ends = Ends(
                error.protocol, error.destination, error.destination_port, error.source, error.source_port
            )
        entry = self.table.inward(ends, self._vrf(interface)) if ends is not None else None
        if ends is None or entry is None:
            return None
        port = entry.local[1]
        far = port if ends.protocol == Protocol.ICMP else ends.source_port
        return Ends(ends.protocol, ends.source, far, entry.local[0], port), entry.vrf

    def _known(self, address: IPv4Address, vrf: str) -> bool:
        return any(entry.outer[0] == address and entry.outside_vrf == vrf for entry in self.table) or any(
            static.is_network and static.outside_vrf == vrf and static.mapped(address, back=True) is not None
            for static in self.device.config.of(NatConfig).statics
        )

    def _chooses(self, rule: Rule, flow: Flow, out: str) -> bool:
        """Whether a rule is about a packet that leaves by `out`; the match is counted."""
        if rule.through:
            return rule.leads(IPv4Address(flow.destination), out)
        if rule.route_map:
            policies = self.device.find(Policies)
            return policies is not None and policies.permits_packet(rule.route_map, flow, out)
        access_list = self.device.config.of(AclsConfig).get(rule.access_list)
        line = find(access_list, flow) if access_list is not None else None
        if line is None or line.action is not Action.PERMIT:
            return False
        line.matches += 1
        return True

    def _begin_outward(
        self, packet: IPv4Packet, ends: Ends, out: str, vrf: str
    ) -> tuple[Translation | None, bool]:
        """The new conversation of a packet that goes out, or whether it leaves untranslated."""
        local: Address = (ends.source, ends.source_port)
        outside_vrf = self._vrf(out)
        standing = self.table.standing_for_local(ends.protocol, local, vrf) or self._of_network(
            ends.source, vrf
        )
        if standing is not None and standing.outside_vrf != outside_vrf:
            return None, True
        if standing is None:
            flow = Flow.of(packet)
            for rule in self.rules:
                if (rule.vrf, rule.outside_vrf) != (vrf, outside_vrf) or not self._chooses(rule, flow, out):
                    continue
                if rule.overload:
                    outer = self.outer.overloaded(rule, ends.protocol, local)
                    return (self._converse(local, outer, ends, rule) if outer else None), False
                address = self.outer.next_of(rule)
                standing = self._add((ends.source, 0), (address, 0), origin=rule) if address else None
                if standing is None:
                    return None, False
                break
        if standing is None:
            return None, True
        port = standing.outer[1] if standing.protocol is not None else ends.source_port
        return self._converse(local, (standing.outer[0], port), ends, standing.origin, standing), False

    def _begin_inward(self, ends: Ends, vrf: str) -> Translation | None:
        """The new conversation of a packet that comes in to a static or simple translation."""
        outer: Address = (ends.destination, ends.destination_port)
        standing = self.table.standing_for_outer(ends.protocol, outer, vrf) or self._of_network(
            ends.destination, vrf, back=True
        )
        if standing is None:
            return None
        port = standing.local[1] if standing.protocol is not None else ends.destination_port
        outside = (ends.source, port if ends.protocol == Protocol.ICMP else ends.source_port)
        local = (standing.local[0], port)
        return self._add(
            local, outer, protocol=ends.protocol, outside=outside, origin=standing.origin, parent=standing
        )

    def _of_network(self, address: IPv4Address, vrf: str, back: bool = False) -> Translation | None:
        """A simple translation for a host of a network that is mapped as a whole."""
        for static in self.device.config.of(NatConfig).statics:
            if vrf != (static.outside_vrf if back else static.vrf):
                continue
            if static.is_network and (other := static.mapped(address, back=back)) is not None:
                local, outer = (other, address) if back else (address, other)
                return self._add((local, 0), (outer, 0), origin=static)
        return None

    def _converse(
        self,
        local: Address,
        outer: Address,
        ends: Ends,
        origin: Rule | Static | None,
        parent: Translation | None = None,
    ) -> Translation | None:
        outside = (ends.destination, ends.destination_port)
        return self._add(local, outer, protocol=ends.protocol, outside=outside, origin=origin, parent=parent)

    def _error_outward(self, packet: IPv4Packet, vrf: str, outside_vrf: str) -> IPv4Packet | None:
        """An ICMP error from inside: it quotes a packet that was translated on its way in."""
        inner = quoted(packet)
        ends = ends_of(inner) if inner is not None else None
        if inner is None or ends is None:
            return packet
        back = Ends(ends.protocol, ends.destination, ends.destination_port, ends.source, ends.source_port)
        entry = self.table.outward(_query(back, back.source_port), vrf)
        if entry is None or entry.outside_vrf != outside_vrf:
            return packet
        port = entry.outer[1]
        far = port if ends.protocol == Protocol.ICMP else ends.source_port
        told = Ends(ends.protocol, ends.source, far, entry.outer[0], port)
        return self._log(packet, rewrite_quoted(packet, entry.outer[0], packet.destination, inner, told))

    def _error_inward(self, packet: IPv4Packet, vrf: str) -> tuple[IPv4Packet, str | None]:
        """An ICMP error from outside: it quotes a packet that was translated on its way out."""
        inner = quoted(packet)
        ends = ends_of(inner) if inner is not None else None
        if inner is None or ends is None:
            return packet, None
        back = Ends(ends.protocol, ends.destination, ends.destination_port, ends.source, ends.source_port)
        entry = self.table.inward(_query(back, back.destination_port), vrf)
        if entry is None:
            return packet, None
        port = entry.local[1]
        far = port if ends.protocol == Protocol.ICMP else ends.destination_port
        told = Ends(ends.protocol, entry.local[0], port, ends.destination, far)
        after = rewrite_quoted(packet, packet.source, entry.local[0], inner, told)
        return self._log(packet, after), entry.vrf

    def _log(self, before: IPv4Packet, after: IPv4Packet) -> IPv4Packet:
        if self.device.debugging.on(NAT_DEBUG):
            source, destination = str(before.source), str(before.destination)
            if before.source != after.source:
                source += f"->{after.source}"
            if before.destination != after.destination:
                destination += f"->{after.destination}"
            self.device.log("", 7, "", f"NAT*: s={source}, d={destination} [{before.identification}]")
        return after

    # --- life ----------------------------------------------------------------------------------------

    def _add(
        self,
        local: Address,
        outer: Address,
        *,
        protocol: int | None = None,
        outside: Address | None = None,
        origin: Rule | Static | None = None,
        parent: Translation | None = None,
    ) -> Translation | None:
        limit = self.device.config.of(NatConfig).max_entries
        if limit is not None and outside is not None and len(self.table) >= limit:
            return None
        now = self.device.now
        entry = self.table.add(
            local, outer, now, protocol=protocol, outside=outside, origin=origin, parent=parent
        )
        if not entry.static:
            entry.timeout = self.device.config.of(NatConfig).timeouts["timeout"]
            self._arm()
        count = len(self.table) + len(self.outside)
        if count >= self.peak:
            self.peak, self.peak_at = count, now
        return entry

    def _use(self, entry: Translation, packet: IPv4Packet, ends: Ends) -> None:
        timeouts = self.device.config.of(NatConfig).timeouts
        entry.used = self.device.now
        if entry.parent is not None:
            entry.parent.used = entry.used
        if ends.protocol == Protocol.ICMP:
            kind = "icmp-timeout"
        elif ends.protocol == Protocol.UDP:
            kind = "dns-timeout" if DNS in (ends.source_port, ends.destination_port) else "udp-timeout"
        elif ends.protocol == Protocol.TCP:
            flags = packet.payload[13] if len(packet.payload) > 13 else 0
            entry.ending = entry.ending or bool(flags & _FIN_RST)
            kind = "finrst-timeout" if entry.ending else "tcp-timeout" if flags & _ACK else "syn-timeout"
        else:
            kind = "timeout"
        if entry.timeout != timeouts[kind]:
            entry.timeout = timeouts[kind]
            self._arm()

    def _arm(self) -> None:
        due = min((each.expires for each in self.table if each.expires is not None), default=None)
        if due is None:
            return
        if self._timer is not None:
            if not self._timer.cancelled and self._timer.when <= due:
                return
            self._timer.cancel()
        self._timer = self.device.scheduler.at(max(due, self.device.now), self._expire)

    def _expire(self) -> None:
        self._timer = None
        now = self.device.now
        for entry in self.table:
            if entry.expires is not None and entry.expires <= now:
                self.table.remove(entry)
                self.expired += 1
        self._arm()


def _replace(transit: Transit, packet: IPv4Packet | None) -> bool:
    """Let the translated packet go on, or none."""
    if packet is not None:
        transit.packet = packet
    return packet is not None


def _query(ends: Ends, port: int) -> Ends:
    """An ICMP query has one identifier for both ends."""
    if ends.protocol != Protocol.ICMP:
        return ends
    return Ends(ends.protocol, ends.source, port, ends.destination, port)
