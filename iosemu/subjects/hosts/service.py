"""The resolver of a router or switch, and `ip dns server`."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import NamedTuple

from iosemu.box.device import Device
from iosemu.box.service import Service
from iosemu.box.system import SystemConfig
from iosemu.ip.resolver import DNS_PORT, Resolver
from iosemu.ip.stack import LIMITED_BROADCAST, IpStack
from iosemu.ip.vrf import Vrf
from iosemu.net.scheduler import Timer
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.ipv4 import IPv4Packet
from iosemu.packets.udp import UdpDatagram
from iosemu.subjects.hosts.config import HostsConfig

FORWARDED = 64
"""Questions that may be with other servers at a time."""
PATIENCE = 6.0
"""Seconds for which such a question is remembered."""


class NetworkResolver(Resolver):
    """Asks the servers of `ip name-server`, without any all that hear it; names get the default domain."""

    def start(self) -> None:
        """A VRF that is no more takes its names along."""
        names = self.device.config.of(SystemConfig).vrf_names
        self.device.service(IpStack).vrf_listeners.append(lambda vrf: names.pop(vrf, None))

    def servers(self, vrf: str = "") -> list[IPv4Address]:
        """`ip name-server`, or the limited broadcast."""
        names = self.device.config.of(SystemConfig).names(vrf)
        return [IPv4Address(each) for each in names.name_servers] or [LIMITED_BROADCAST]

    def candidates(self, name: str, vrf: str = "") -> list[str]:
        """A name without a full stop is tried in the domains of `ip domain list`, or else of `ip domain name`."""
        names = self.device.config.of(SystemConfig).names(vrf)
        if name.endswith("."):
            return [name.rstrip(".")]
        domains = names.domain_list or ([names.domain_name] if names.domain_name else [])
        completed = [f"{name}.{domain}" for domain in domains]
        return [name, *completed] if "." in name else [*completed, name]


class Client(NamedTuple):
    """Who asked, and what of ours he asked."""

    vrf: Vrf
    address: IPv4Address
    port: int
    own: IPv4Address


@dataclass
class _Forwarded:
    client: Client
    identifier: int
    timer: Timer


class NameServer(Service):
    """`ip dns server`: answers from the host table and the cache, and asks the name servers for the rest."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self._bound = False
        self._forwarded: dict[int, _Forwarded] = {}
        self.asked = 0
        self.answered = 0
        self.dropped = 0
        self.longest = 0
        """The most requests that waited for servers at a time."""

    @property
    def waiting(self) -> int:
        """Requests that wait for servers."""
        return len(self._forwarded)

    def stop(self) -> None:
        """Power goes."""
        for each in self._forwarded.values():
            each.timer.cancel()
        self._forwarded.clear()

    def changed(self) -> None:
        """Be on port 53 as long as it is configured."""
        wanted = self.device.config.of(HostsConfig).dns_server
        if wanted != self._bound:
            self._bound = wanted
            self.device.service(IpStack).bind_udp(DNS_PORT, self._receive if wanted else None, vrf=None)

    def _receive(self, packet: IPv4Packet, datagram: UdpDatagram, interface: str) -> None:
        from iosemu.net import dns

        data, vrf = datagram.payload, self.device.service(IpStack).vrf_of(interface)
        if len(data) >= 12 and data[2] & 0x80:
            self._back(vrf, packet.source, data)
            return
        try:
            question = dns.question(data)
        except MalformedPacket:
            return
        if question is None or not vrf.is_local(packet.destination):
            return
        self.asked += 1
        client = Client(vrf, packet.source, datagram.source_port, packet.destination)
        known = self._known(question, vrf.name)
        if known is None:
            self._forward(client, data, question.identifier)
            return
        addresses, pointer = known
        self._send(client, dns.reply(data, addresses, pointer))

    def _send(self, to: Client, data: bytes) -> None:
        self.answered += 1
        stack = self.device.service(IpStack)
        stack.send_udp(to.own, DNS_PORT, to.address, to.port, data, vrf=to.vrf)

    def _known(self, question: object, vrf: str) -> tuple[tuple[IPv4Address, ...], str] | None:
        """From the host table, or the cache: addresses, or the name that a reverse question asks for."""
        from iosemu.net import dns

        assert isinstance(question, dns.Question)
        names = self.device.config.of(SystemConfig).names(vrf)
        suffix = f".{names.domain_name}".lower()
        wanted = question.name.lower()
        if question.type == "PTR":
            address = dns.pointed_at(wanted)
            for name, addresses in names.hosts.items():
                if address is not None and str(address) in addresses:
                    full = name if "." in name or not names.domain_name else f"{name}.{names.domain_name}"
                    return (), full
            return None
        for name, addresses in names.hosts.items():
            if wanted in (name.lower(), name.lower() + suffix):
                return (tuple(map(IPv4Address, addresses)) if question.type == "A" else ()), ""
        cached = self.device.service(Resolver).cached(vrf).get(wanted)
        if cached is not None and question.type == "A":
            return cached.addresses, ""
        return None

    def _forward(self, client: Client, data: bytes, identifier: int) -> None:
        from iosemu.net import dns

        system = self.device.config.of(SystemConfig)
        servers = system.names(client.vrf.name).name_servers
        if not servers or not system.domain_lookup:
            self._send(client, dns.reply(data))
            return
        if len(self._forwarded) >= FORWARDED:
            self.dropped += 1
            return
        number = self.device.rng.randrange(0, 0x10000)
        while number in self._forwarded:
            number = (number + 1) % 0x10000
        timer = self.device.scheduler.after(PATIENCE, lambda: self._forget(number))
        self._forwarded[number] = _Forwarded(client, identifier, timer)
        self.longest = max(self.longest, len(self._forwarded))
        stack, asked = self.device.service(IpStack), dns.renumbered(data, number)
        for server in servers:
            stack.send_udp(None, DNS_PORT, IPv4Address(server), DNS_PORT, asked, vrf=client.vrf)

    def _forget(self, number: int) -> None:
        self._forwarded.pop(number, None)

    def _back(self, vrf: Vrf, source: IPv4Address, data: bytes) -> None:
        """The first server that answers is passed on."""
        from iosemu.net import dns

        number = int.from_bytes(data[:2], "big")
        if str(source) not in self.device.config.of(SystemConfig).names(vrf.name).name_servers:
            return
        asked = self._forwarded.get(number)
        if asked is not None and asked.client.vrf is vrf:
            del self._forwarded[number]
            asked.timer.cancel()
            self._send(asked.client, dns.renumbered(data, asked.identifier))
