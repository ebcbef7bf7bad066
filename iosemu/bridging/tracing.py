"""What the plane of a switch tells a trace: VLANs, spanning tree, the address table, and which ports are left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.net.tracing import Kind, Line, Span
from iosemu.packets.ethernet import tag_of

if TYPE_CHECKING:
    from iosemu.bridging.plane import SwitchingPlane


def dotted(mac: bytes) -> str:
    """A station address as IOS writes it."""
    text = mac.hex()
    return f"{text[:4]}.{text[4:8]}.{text[8:]}"


class PlaneTracing:
    """Tells about the frames that pass one plane."""

    def __init__(self, plane: SwitchingPlane, device: str) -> None:
        self.plane = plane
        self.device = device

    def came_in(self, span: Span, name: str, frame: bytes, vlan: int | None) -> None:
        """A frame was put into a VLAN, or no VLAN takes it."""
        port, tag = self.plane.port(name), tag_of(frame)
        how = "without a tag" if tag is None else f"tagged {tag.vlan}"
        role = "trunk" if port.trunk else "access port"
        if vlan is None:
            why = self._not_carried(name, tag.vlan if tag is not None else port.untagged)
            span.drop(
                self.device, "VLAN", f"{name} ({role}), {how}: not taken, {why}", *self._port_lines(name)
            )
            return
        lines = self._port_lines(name)
        span.note(self.device, "VLAN", f"in on {name} ({role}), {how}: VLAN {vlan}", *lines)
        if not self.plane.view.vlan_usable(vlan):
            span.drop(
                self.device, "VLAN", f"VLAN {vlan} does not exist here, or is suspended", Line(f"vlan {vlan}")
            )

    def not_admitted(self, span: Span, name: str, source: bytes) -> None:
        """Port security, or who else judges sources, refuses it."""
        text = f"{name} does not admit frames from {dotted(source)}"
        span.drop(
            self.device, "port security", text, Line(f"interface {name}", ("switchport port-security",))
        )

    def filtered(self, span: Span, name: str, why: str) -> None:
        """A filter of the port takes it away."""
        span.drop(self.device, "port filter", f"{name} does not take it: {why}", Line(f"interface {name}"))

    def blocked_in(self, span: Span, name: str, vlan: int) -> None:
        """Spanning tree lets nothing in on the port."""
        span.drop(
            self.device, "spanning tree", f"{name} does not forward in VLAN {vlan}", *self._tree_lines(vlan)
        )

    def at_destination(self, span: Span, name: str) -> None:
        """A SPAN destination takes no frames."""
        span.drop(
            self.device,
            "SPAN",
            f"{name} is the destination of a monitor session",
            Line("", ("monitor session",)),
        )

    def switched(self, span: Span, vlan: int, frame: bytes, came_in: str | None, port: str | None) -> None:
        """A frame is about to go out of one port, or (None) of all of its VLAN."""
        destination = dotted(frame[:6])
        if port is not None:
            self._unicast(span, vlan, destination, came_in, port)
            return
        members = [
            each
            for each in self.plane.members(vlan)
            if self._leaves(came_in, each) and not self.plane.blocks(each, frame)
        ]
        why = "a broadcast or multicast" if frame[0] & 1 else f"{destination} is not in the address table"
        left = [
            f"{name} ({why_not})"
            for name in self.plane.view.switch_ports()
            if name != came_in
            and name not in members
            and (why_not := self._why_not(came_in, name, vlan, frame))
        ]
        lines = [
            line
            for name in self.plane.view.switch_ports()
            if name != came_in and name not in members and self._why_not(came_in, name, vlan, frame)
            for line in self._port_lines(name)
        ]
        out = f"out of {', '.join(members)}" if members else "there is no other port to send it out of"
        text = f"VLAN {vlan}: {why}: {out}"
        if left:
            text += f"; not out of {', '.join(left)}"
        if members:
            span.note(self.device, "switch", text, *lines)
        elif span.kind is not Kind.ARP or not span.ended:
            span.drop(self.device, "switch", text, *lines)

    def _unicast(self, span: Span, vlan: int, destination: str, came_in: str | None, port: str) -> None:
        text = f"VLAN {vlan}: {destination} is on {port}"
        if port == came_in:
            span.drop(self.device, "switch", f"{text}, where it came from: not sent back")
        elif port not in self.plane.members(vlan) or not self._leaves(came_in, port):
            why = self._why_not(came_in, port, vlan)
            span.drop(
                self.device, "switch", f"{text}, which it may not leave by: {why}", *self._port_lines(port)
            )
        else:
            span.note(self.device, "switch", text)

    def storm(self, span: Span) -> None:
        """Too much is flooded."""
        span.drop(self.device, "switch", "too many frames are flooded: is there a loop?")

    def to_svi(self, span: Span, vlan: int, frame: bytes) -> None:
        """Hand a frame to the switch's own interface; copies go on to the ports by themselves."""
        if not frame[0] & 1:
            span.note(self.device, "switch", f"VLAN {vlan}: for the switch's own interface Vlan{vlan}")
            self.plane.to_svi(vlan, frame)
            return
        with span.trace.child(span).at_work():
            self.plane.to_svi(vlan, frame)

    def _leaves(self, came_in: str | None, port: str) -> bool:
        plane = self.plane
        if port == came_in:
            return False
        return came_in is None or not (plane.port(came_in).protected and plane.port(port).protected)

    def _why_not(self, came_in: str | None, name: str, vlan: int, flooded: bytes = b"") -> str:
        """Why a frame of a VLAN does not leave by a port; empty where nobody would expect it to."""
        view = self.plane.view
        if not view.interfaces[name].line_up or self.plane.is_destination(name):
            return ""
        if vlan not in self.plane.port(name).vlans:
            return self._not_carried(name, vlan)
        if not view.is_forwarding(name, vlan):
            return "spanning tree does not forward"
        if flooded and self.plane.blocks(name, flooded):
            return "switchport block"
        return "both ports are protected" if not self._leaves(came_in, name) else ""

    def _not_carried(self, name: str, vlan: int) -> str:
        port = self.plane.port(name)
        if port.primary is not None:
            return f"VLAN {port.untagged} of private VLAN {port.primary} does not hear VLAN {vlan}"
        if not port.trunk:
            return f"access VLAN {port.untagged}"
        if not self.plane.view.vlan_usable(vlan):
            return f"VLAN {vlan} does not exist here"
        return f"VLAN {vlan} is not allowed on the trunk"

    def _port_lines(self, name: str) -> tuple[Line, ...]:
        section = f"interface {name}"
        if not self.plane.port(name).trunk:
            return (Line(section, ("switchport access vlan",)),)
        return (
            Line(section, ("switchport trunk native vlan",)),
            Line(section, ("switchport trunk allowed vlan",)),
        )

    def _tree_lines(self, vlan: int) -> tuple[Line, ...]:
        return (Line("", (f"spanning-tree vlan {vlan} ",)), Line("", ("spanning-tree mode",)))
