"""The line protocol of tunnel interfaces: what it depends on, and the keepalives of GRE."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from iosemu.box.device import Device
from iosemu.box.interface_types import sort_key
from iosemu.ip.stack import IpStack
from iosemu.net.scheduler import Timer
from iosemu.packets.ethernet import EtherType
from iosemu.packets.gre import GrePacket
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.subjects.tunnel.config import Tunnel, TunnelMode
from iosemu.subjects.tunnel.index import way

if TYPE_CHECKING:
    from iosemu.subjects.tunnel.service import Tunnels

RETRY = 30.0
"""Seconds until a tunnel without SAs asks for them again."""
RECURSION_HOLD = 60.0
"""Seconds that a tunnel stays down whose destination was found behind itself."""
NO_SAS = "IPsec security associations are missing"


@dataclass(slots=True)
class Line:
    """What a tunnel remembers of its line protocol."""

    unanswered: int = 0
    keepalive: Timer | None = None
    held_until: float = 0.0
    down: str = ""
    """Why the line protocol is down; empty while it is up."""


class Lines:
    """Those of a router's tunnels.

    A tunnel's line protocol is up while its source is up, its destination is reached by another interface,
    its keepalives are answered, and, for `tunnel mode ipsec ipv4`, its SAs are there. A protected tunnel asks
    for its SAs as soon as the rest holds, and again when they are gone.
    """

    def __init__(self, device: Device, tunnels: Tunnels) -> None:
        self._device = device
        self._tunnels = tunnels
        self._lines: dict[str, Line] = {}
        self._pending: Timer | None = None
        self._wanted: dict[str, None] = {}
        self._all_wanted = False
        """Those to be looked at in a moment: some, or all."""
        self._waiting: dict[str, None] = {}
        """Those whose SAs were asked for."""
        self.adrift: dict[str, None] = {}
        """Those whose source is an address that no interface of ours is configured with: it may come any time."""
        self._retry: Timer | None = None

    def why_down(self, name: str) -> str:
        """Why the line protocol is down, empty while it is up."""
        line = self._lines.get(name)
        return line.down if line is not None else ""

    def look_again(self, names: Iterable[str]) -> None:
        """Look at these tunnels in a moment."""
        self._wanted.update(dict.fromkeys(names))
        if self._wanted:
            self._soon()

    def look_at_all(self) -> None:
        """Look at all tunnels in a moment."""
        self._all_wanted = True
        self._soon()

    def _soon(self) -> None:
        if self._pending is None and self._device.powered:
            self._pending = self._device.scheduler.after(0.0, self._refresh)

    def stop(self) -> None:
        """Forget all timers; the box is switched off."""
        for timer in (self._pending, self._retry, *(line.keepalive for line in self._lines.values())):
            if timer is not None:
                timer.cancel()

    def forget(self, name: str) -> None:
        """A tunnel is removed."""
        self._waiting.pop(name, None)
        self.adrift.pop(name, None)
        line = self._lines.pop(name, None)
        if line is not None and line.keepalive is not None:
            line.keepalive.cancel()

    def _refresh(self) -> None:
        self._pending = None
        wanted, self._wanted = self._wanted, {}
        if self._all_wanted:
            self._all_wanted = False
            wanted.update(dict.fromkeys(name for name, _tunnel in self._tunnels.all()))
        self._look(sorted(wanted, key=sort_key))

    def _look(self, names: list[str]) -> None:
        self._tunnels.clones.tidy(names)
        for name in names:
            tunnel, interface = self._tunnels.get(name), self._device.interfaces.get(name)
            self._waiting.pop(name, None)
            if interface is None or tunnel is None:
                continue
            line = self._lines.setdefault(name, Line())
            line.down = self._judge(name, tunnel, line)
            if line.down in ("", NO_SAS) and interface.admin_up and self._tunnels.ask(name):
                self._waiting[name] = None
            if interface.protocol_held != bool(line.down):
                interface.protocol_held = bool(line.down)
                interface.refresh()
            self._arm_keepalive(name, tunnel, line)
        for tell in self._tunnels.watchers:
            tell()
        if self._waiting and (self._retry is None or self._retry.cancelled):
            self._retry = self._device.scheduler.after(RETRY, self._again)

    def _again(self) -> None:
        self._retry = None
        self.look_again(self._waiting)
        self._refresh_now()

    def _refresh_now(self) -> None:
        if self._pending is not None:
            self._pending.cancel()
        self._refresh()

    def _judge(self, name: str, tunnel: Tunnel, line: Line) -> str:
        """Why the line protocol must be down, empty when it may be up."""
        stack = self._device.service(IpStack)
        source = self._tunnels.source_of(name)
        self.adrift.pop(name, None)
        if source is None:
            return "tunnel source is not configured" if tunnel.source is None else "no tunnel source address"
        if tunnel.destination is None and not tunnel.multipoint:
            return "no IPv4 tunnel destination address"
        outside = self._tunnels.outside(tunnel)
        if outside is None:
            return "tunnel VRF is not configured"
        if isinstance(tunnel.source, IPv4Address) and not self._tunnels.is_configured(source):
            self.adrift[name] = None
        self._tunnels.index.follow(name, way(outside, tunnel.destination) if tunnel.destination else ())
        if not outside.is_local(source):
            return "source interface down"
        if tunnel.destination is None:
            return ""
        hop = outside.hop(tunnel.destination)
        out = stack.interfaces.get(hop.interface) if hop is not None else None
        if out is None or out.kind == "Null":
            return "no output interface"
        now = self._device.now
        if out.name == name and now >= line.held_until:
            line.held_until = now + RECURSION_HOLD
            text = f"{name} temporarily disabled due to recursive routing"
            self._device.log("TUN", 5, "RECURDOWN", text)
            self._device.scheduler.at(line.held_until, lambda: self.look_again((name,)))
        if now < line.held_until:
            return "recursive routing"
        if tunnel.keepalive is not None and line.unanswered > tunnel.retries:
            return "keepalives are not answered"
        if tunnel.mode is TunnelMode.IPSEC:
            return self._judge_sas(name, tunnel)
        return ""

    def _judge_sas(self, name: str, tunnel: Tunnel) -> str:
        if tunnel.protection is None and name not in self._tunnels.client_access:
            return "tunnel protection is not configured"
        return "" if self._tunnels.has_sas(name) else NO_SAS

    # --- keepalives ----------------------------------------------------------------------------------

    def _arm_keepalive(self, name: str, tunnel: Tunnel, line: Line) -> None:
        # a keepalive needs one far end that sends it back
        wanted = tunnel.keepalive is not None and tunnel.mode is TunnelMode.GRE
        if line.keepalive is not None and not wanted:
            line.keepalive.cancel()
            line.keepalive = None
            line.unanswered = 0
        elif line.keepalive is None and wanted and tunnel.keepalive is not None:
            line.keepalive = self._device.scheduler.after(tunnel.keepalive, lambda: self._probe(name))

    def _probe(self, name: str) -> None:
        """Send a packet that the far end sends back without knowing: its own GRE packet to us, inside."""
        line, tunnel = self._lines[name], self._tunnels.get(name)
        interface = self._device.interfaces.get(name)
        line.keepalive = None
        source = self._tunnels.source_of(name)
        if tunnel is None or interface is None or tunnel.keepalive is None:
            return
        if interface.line_up and source is not None and tunnel.destination is not None:
            line.unanswered += 1
            back = IPv4Packet(
                tunnel.destination, source, Protocol.GRE, GrePacket(0, b"", tunnel.key).to_bytes(), 255
            )
            gre = GrePacket(EtherType.IPV4, back.to_bytes())
            self._tunnels.carriage.encapsulate(interface, tunnel, gre, None, tunnel.destination)
        self.look_again((name,))
        self._refresh_now()

    def keepalive_answered(self, name: str) -> None:
        """A far end has sent one back."""
        line = self._lines.get(name)
        if line is not None and line.unanswered:
            line.unanswered = 0
            self.look_again((name,))
