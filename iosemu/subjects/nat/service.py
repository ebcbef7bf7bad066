"""Network address translation of a router (RFC 3022): inside sources, dynamic, overloaded and static."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.box.interface import Interface
from iosemu.box.service import Service
from iosemu.ip.path import In, Out, Transit
from iosemu.ip.stack import IpStack
from iosemu.packets.ipv4 import IPv4Packet
from iosemu.subjects.nat import tracing
from iosemu.subjects.nat.answers import Answers
from iosemu.subjects.nat.config import NUMBERS, NatConfig, Rule, Static
from iosemu.subjects.nat.conversations import Conversations
from iosemu.subjects.nat.outside import OutsideSources
from iosemu.subjects.nat.rules import NatRules
from iosemu.subjects.nat.table import Address, Translation
from iosemu.subjects.nat.translator import Translator

if TYPE_CHECKING:
    from iosemu.box.device import Device


class Nat(Service):
    """Translates packets between inside and outside interfaces.

    A packet that came in on an inside interface and leaves by an outside one gets another source after it
    was routed; one that comes in on an outside interface gets its destination back before. Packets that the
    router makes itself are not translated.
    """

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.outside = OutsideSources(device)
        self.conversations = Conversations(device, self.outside)
        self.table = self.conversations.table
        self.rules = NatRules(device)
        self.translator = Translator(device, self.rules, self.conversations, self.outside)
        self.answers = Answers(device, self.outside)
        self._sided: set[str] = set()
        """The interfaces that are inside or outside."""

    def automate(self, owner: str, rules: tuple[Rule, ...], sides: dict[str, str]) -> None:
        """Have rules that nobody types, in the place of those that `owner` had before; none of them: `()`."""
        concerned = self.rules.automate(owner, rules, sides)
        for name in concerned:
            self._note_side(name)
        if concerned:
            self.device.soon(self._fit)

    # --- configuration -------------------------------------------------------------------------------

    def start(self) -> None:
        """Watch the first-hop groups that static translations go with."""
        stack = self.device.service(IpStack)
        stack.virtual.listeners.append(self.answers.redundancy_changed)

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
        if self.rules.side(name) and name in self.device.interfaces:
            self._sided.add(name)
        else:
            self._sided.discard(name)

    def _fit(self) -> None:
        """Take notice of `ip nat …`: static translations come and go, and those without a rule go."""
        config, stack = self.device.config.of(NatConfig), self.device.service(IpStack)
        rules = self.rules.all()
        active = bool(self._sided)
        if active != self.answers.active:
            self.answers.active = active
            if active:
                stack.incoming.hook(In.TRANSLATION, self._incoming)
                stack.outgoing.hook(Out.TRANSLATION, self._outgoing)
            else:
                stack.incoming.unhook(self._incoming)
                stack.outgoing.unhook(self._outgoing)
        self.answers.fit()
        wanted = {
            each: outer
            for each in config.statics
            if (outer := self.translator.outer.of_static(each)) is not None
        }
        for entry in self.table:
            origin = entry.origin
            gone = isinstance(origin, Rule) and (
                origin not in rules or entry.outer[0] not in self.translator.outer.of_rule(origin)
            )
            if isinstance(origin, Static):
                gone = origin not in wanted or (not origin.is_network and wanted[origin] != entry.outer[0])
            if gone:
                self.table.remove(entry)
        self.outside.fit()
        self.answers.fit_redundancy()
        held = {entry.origin for entry in self.table if entry.static}
        for static, outer in wanted.items():
            if static not in held:
                self.conversations.add(
                    (static.local, static.local_port),
                    (outer, static.outer_port),
                    protocol=NUMBERS.get(static.protocol),
                    origin=static,
                )

    def stop(self) -> None:
        """Forget the timer; the box is switched off."""
        self.conversations.stop()

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

    # --- packets -------------------------------------------------------------------------------------

    def _incoming(self, transit: Transit) -> bool:
        assert transit.came_in is not None
        name, before = transit.came_in.name, transit.packet
        after, vrf = self.translator.inward(before, name)
        passes = _replace(transit, after)
        if vrf is not None:
            transit.vrf = self.device.service(IpStack).vrf(vrf)
        context = self.device.scheduler.context
        if context is not None and self.rules.side(name) == "outside":
            tracing.came_in(self.device, context, self.table, before, after, self.rules.vrf(name))
        return passes

    def _outgoing(self, transit: Transit) -> bool:
        assert transit.out is not None
        came_in = transit.came_in.name if transit.came_in is not None else None
        name, before = transit.out.name, transit.packet
        passes = _replace(transit, self.translator.outward(before, name, came_in))
        context = self.device.scheduler.context
        if context is not None and came_in is not None and self.rules.side(name) == "outside":
            inside = self.rules.side(came_in) == "inside"
            after = transit.packet if passes else None
            no_inside = came_in if not inside else ""
            tracing.goes_out(
                self.device, context, self.table, before, after, no_inside, self.rules.vrf(came_in)
            )
        return passes


def _replace(transit: Transit, packet: IPv4Packet | None) -> bool:
    """Let the translated packet go on, or none."""
    if packet is not None:
        transit.packet = packet
    return packet is not None
