"""What the receiver of a message says to it, as it is configured now, and the line of configuration behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.box.interface_types import short_name
from iosemu.ip.config import IpSettings
from iosemu.ip.stack import IpStack
from iosemu.ip.tcp import Tcp
from iosemu.lab.configured import running
from iosemu.lab.lab import Lab
from iosemu.lab.moments import flat
from iosemu.lab.page.party_states import Addresses, Home, bridge_vlan
from iosemu.net.dhcp.pools import Pool
from iosemu.packets.dhcp import NOBODY, DhcpMessage, DhcpType, Op, Option
from iosemu.packets.errors import MalformedPacket
from iosemu.server.packet_view.frames import Row
from iosemu.subjects.dhcp.config import HelperAddresses
from iosemu.subjects.dhcp.service import DhcpServices
from iosemu.subjects.ospf.config.process import OspfProcess
from iosemu.subjects.ospf.service.ospf import Ospf
from iosemu.subjects.spanning_tree.service import SpanningTrees
from iosemu.tcp.wire import Endpoint

_SERVED_BY = {
    22: r"line vty .* / transport input .*ssh.*", 23: r"line vty .* / transport input .*(telnet|all).*",
    49: r"tacacs.*", 80: r"ip http server", 179: r"router bgp \d+", 443: r"ip http secure-server",
}  # fmt: skip
"""Lines by which a router takes connections to a port."""
_PORTS = re.compile(r"(\d+) → (\d+) \[([^\]]*)\]")


def values_of(row: Row, layer: str) -> dict[str, str]:
    """The fields of a layer by name."""
    found = next((each for each in row.dissection.layers if each.name == layer), None)
    return {each.name: each.value for each in found.fields} if found is not None else {}


@dataclass(slots=True)
class Verdicts:
    """Judges messages for those to whom they went."""

    lab: Lab
    addresses: Addresses

    def of(self, kind: str, row: Row, receiver: str) -> Iterator[str]:
        """Sentences; none where nobody of the lab received it."""
        device = self.lab.devices.get(receiver)
        if device is None or not device.powered:
            return
        if kind == "OSPF":
            yield from self._ospf(row, device)
        elif kind == "DHCP":
            yield from self._dhcp(row, device)
        elif kind == "TCP":
            yield from self._tcp(row, device)
        elif kind.startswith("STP"):
            yield from self._stp(row, device)

    def _lines(self, device: Device, pattern: str) -> list[str]:
        """The configured lines that match as a whole, each behind what it stands under."""
        wanted = re.compile(pattern)
        return [line for line in flat(running(self.lab, device)) if wanted.fullmatch(line)]

    # --- OSPF ----------------------------------------------------------------------------------------

    def _ospf(self, row: Row, device: Device) -> Iterator[str]:
        source = IPv4Address(row.dissection.summary.source)
        sender = self.addresses.find(source)
        here = (
            next((each for each in self.addresses.beside(sender) if each.device == device.name), None)
            if sender
            else None
        )
        ospf = device.find(Ospf)
        if here is None or ospf is None:
            return
        instance = ospf.instance_on(here.interface)
        interface = instance.engine.interfaces.get(here.interface) if instance is not None else None
        port = f"interface {here.interface}"
        if instance is None or interface is None:
            yield f"{device.name} does not run OSPF on {short_name(here.interface)}: no line is about it"
            return
        said = values_of(row, "OSPF")
        line = self._area_line(device, instance.config, here)
        area = str(IPv4Address(interface.area.id))
        if said.get("Area ID") != area:
            yield f"{device.name} {line}: mismatched area: {said.get('Area ID')} is said, {area} is its own"
            return
        kind = f"({interface.authentication.type.value})"
        if not said.get("Auth Type", kind).endswith(kind):
            found = self._lines(
                device, rf"({re.escape(port)} / ip ospf authentication.*|router ospf .* authentication.*)"
            )
            offered, why = said.get("Auth Type"), _quoted(found) or "it is told of none"
            yield f"{device.name}: mismatched authentication type: {offered} is said; {why}"
            return
        message = said.get("Message Type", "")
        if message.startswith("Hello"):
            wrong = []
            for name, own, word in (
                ("Hello Interval", interface.config.hello, "hello-interval"),
                ("Router Dead Interval", interface.config.dead, "dead-interval"),
            ):
                if said.get(name, "").partition(" ")[0] != str(own):
                    lines = self._lines(device, rf"{re.escape(port)} / ip ospf {word} .*")
                    wrong.append(
                        f"{name} {said.get(name)} is said, {own} is its own ({_quoted(lines) or 'by default'})"
                    )
            mask = str(IPv4Address(interface.mask))
            if said.get("Network Mask") not in (mask, str(NOBODY)):
                lines = self._lines(device, rf"{re.escape(port)} / ip address .*")
                wrong.append(
                    f"Network Mask {said.get('Network Mask')} is said, {mask} is its own ({_quoted(lines)})"
                )
            yield f"{device.name} {line}: " + ("; ".join(wrong) if wrong else "area and timers fit")
        elif message.startswith("DB Description"):
            mtu, own = int(said.get("Interface MTU", "0")), interface.config.mtu
            mine = _quoted(self._lines(device, rf"{re.escape(port)} / (ip ospf mtu-ignore|ip mtu .*|mtu .*)"))
            if mtu > own and not interface.config.mtu_ignore:
                yield f"{device.name}: MTU {mtu} is larger than its own {own}: not taken ({mine or 'by default'})"
            else:
                yield f"{device.name}: MTU {mtu} is taken" + (f" ({mine})" if mine else "")

    def _area_line(self, device: Device, config: OspfProcess, home: Home) -> str:
        """The line by which an interface is in an area."""
        direct = self._lines(device, rf"interface {re.escape(home.interface)} / ip ospf \d+ area .*")
        if direct:
            return _quoted(direct)
        own = next((address for address, each in self.addresses.homes.items() if each == home), NOBODY)
        for line in self._lines(device, rf"router ospf {config.number}.* / network \S+ \S+ area \S+"):
            network, wildcard = (int(IPv4Address(word)) for word in line.rpartition(" / ")[2].split()[1:3])
            if not (int(own) ^ network) & ~wildcard & 0xFFFFFFFF:
                return f"`{line}`"
        return f"`router ospf {config.number}`"

    # --- DHCP ----------------------------------------------------------------------------------------

    def _dhcp(self, row: Row, device: Device) -> Iterator[str]:
        layer = next((each for each in row.dissection.layers if each.name in ("DHCP", "BOOTP")), None)
        services = device.find(DhcpServices)
        if layer is None:
            return
        try:
            message = DhcpMessage.parse(row.captured.frame[layer.start : layer.end])
        except MalformedPacket:
            return
        if message.op == Op.REPLY:
            if message.type is DhcpType.OFFER and services is None:
                yield f"{device.name} asks the server whose offer came first, and tells all of it"
            return
        if services is None:
            return
        name = self._entered(row, device)
        interface = device.interfaces.get(name)
        own = interface.config.of(IpSettings).address if interface is not None else None
        if message.relay != NOBODY:
            places: tuple[IPv4Address, ...] = (message.relay,)
        elif message.client != NOBODY:
            places = (message.client,)
        else:
            places = (own.ip,) if own is not None else ()
        stack = device.service(IpStack)
        engine = services.engines.get(stack.vrf_of(name).name if name in stack.interfaces else "")
        pool = engine.pool_for(message, places) if engine is not None else None
        chosen = message.address(Option.SERVER_IDENTIFIER)
        if pool is not None and chosen is not None and not stack.vrf("").is_local(chosen):
            yield f"{device.name}: the client took the offer of {chosen}"
        elif pool is not None:
            yield f"{device.name} `ip dhcp pool {pool.name}`: {_around(pool, places)}"
            excluded = self._lines(device, r"ip dhcp excluded-address .*")
            if excluded:
                yield f"{device.name} leaves out: {_quoted(excluded)}"
        else:
            where = ", ".join(str(each) for each in places) or f"{short_name(name)}, which has no address"
            if engine is not None and engine.config.pools:
                yield f"{device.name}: no `ip dhcp pool` has a network around {where}"
            helpers = interface.config.held(HelperAddresses) if interface is not None else None
            for helper in helpers.addresses if helpers is not None else ():
                line = f"`interface {name} / ip helper-address {helper}`"
                yield f"{device.name} {line}: sent on from {own.ip if own else where}"

    def _entered(self, row: Row, device: Device) -> str:
        """The interface by which a message came to a device, as far as addresses tell."""
        said = row.dissection.summary
        if said.destination != "255.255.255.255":
            home = self.addresses.find(IPv4Address(said.destination))
            return home.interface if home is not None and home.device == device.name else ""
        for end in self._reached(row.captured.port):
            if end.partition(":")[0] == device.name:
                return self._by_vlan(device, end.partition(":")[2])
        return ""

    def servers(self, port: str) -> list[str]:
        """Who, of those whom a broadcast from a port may reach, answers DHCP requests or passes them on."""
        found = []
        for end in self._reached(port):
            device = self.lab.devices.get(end.partition(":")[0])
            services = device.find(DhcpServices) if device is not None and device.powered else None
            if device is None or services is None or device.name in found:
                continue
            interface = device.interfaces.get(self._by_vlan(device, end.partition(":")[2]))
            helps = interface is not None and interface.config.held(HelperAddresses) is not None
            if helps or any(engine.config.pools for engine in services.engines.values()):
                found.append(device.name)
        return found

    def _reached(self, port: str) -> Iterator[str]:
        """The ports of boxes to which a broadcast may come, through switches in between."""
        seen, left = {port}, [port]
        while left:
            at = left.pop()
            for link in self.lab.links:
                names = [end.name for end in link.ends]
                if at not in names:
                    continue
                far = names[1 - names.index(at)]
                if far in seen:
                    continue
                seen.add(far)
                yield far
                device = self.lab.devices.get(far.partition(":")[0])
                if device is not None and (device.switch_ports or device.kind == "sniffer"):
                    others = [
                        f"{device.name}:{each}"
                        for each in device.ports
                        if f"{device.name}:{each}" not in seen
                    ]
                    seen.update(others)
                    left.extend(others)

    @staticmethod
    def _by_vlan(device: Device, port: str) -> str:
        """The port, or the only routed interface on it that has an address."""
        interface = device.interfaces.get(port)
        if interface is not None and interface.config.of(IpSettings).address is not None:
            return port
        inner = [
            each.name
            for each in device.interfaces.values()
            if (each.config.parent == port or (port in device.switch_ports and each.type.name == "Vlan"))
            and each.config.of(IpSettings).address is not None
        ]
        return inner[0] if inner else port

    # --- TCP -----------------------------------------------------------------------------------------

    def _tcp(self, row: Row, device: Device) -> Iterator[str]:
        found = _PORTS.match(row.dissection.summary.info)
        if found is None or "SYN" not in found[3] or "ACK" in found[3]:
            return
        tcp = device.find(Tcp)
        end = Endpoint(IPv4Address(row.dissection.summary.destination), int(found[2]))
        open_ = tcp is not None and any(engine.listens(end) for _, engine in tcp.engines())
        lines = self._lines(device, _SERVED_BY[end.port]) if end.port in _SERVED_BY else []
        if open_:
            yield f"{device.name} takes connections to port {end.port}" + (
                f": {_quoted(lines)}" if lines else ""
            )
        else:
            yield f"{device.name}: nobody listens on port {end.port}"
        if end.port in (22, 23):
            classes = self._lines(device, r"line vty .* / access-class \S+ in.*")
            if classes:
                yield f"{device.name} asks {_quoted(classes)} first"

    # --- spanning tree -------------------------------------------------------------------------------

    def _stp(self, row: Row, device: Device) -> Iterator[str]:
        vlan = bridge_vlan(row.captured.frame)
        trees = device.find(SpanningTrees)
        tree = trees.tree(vlan) if trees is not None and vlan is not None else None
        link = next(
            (each for each in self.lab.links if row.captured.port in [end.name for end in each.ends]), None
        )
        if tree is None or link is None:
            return
        port = next(
            (name for end in link.ends for box, _, name in [end.name.partition(":")] if box == device.name),
            "",
        )
        entry = tree.ports.get(port)
        if entry is None:
            return
        own = self._lines(device, rf"spanning-tree vlan (\S*[,-])?{vlan}([,-]\S*)? priority .*")
        place = self._lines(
            device, rf"interface {re.escape(port)} / spanning-tree .*(cost|priority|guard|portfast).*"
        )
        root = values_of(row, "STP").get("Root Identifier", "")
        mine = f"{tree.bridge.priority} / {tree.bridge.mac}"
        lines = _quoted(own) or "its priority is the default"
        if root == mine:
            yield f"{device.name} is the root itself ({lines})"
        elif root and root == f"{tree.root.priority} / {tree.root.mac}":
            yield f"{device.name}: {root} is the root, and better than its own {mine} ({lines})"
        elif root:
            yield f"{device.name}: the root is {tree.root.priority} / {tree.root.mac}, not {root}"
        words = f"{device.name} {short_name(port)} is {entry.role.value}, cost {entry.cost}"
        yield words + (f": {_quoted(place)}" if place else "")


def _around(pool: Pool, places: tuple[IPv4Address, ...]) -> str:
    if pool.host is not None:
        return f"`host {pool.host.ip}` is for this client"
    where = next((each for each in places if pool.network is not None and each in pool.network), None)
    return f"`network {pool.network}` is around {where}" if where is not None else f"`network {pool.network}`"


def _quoted(lines: list[str]) -> str:
    return ", ".join(f"`{line}`" for line in lines[:4])
