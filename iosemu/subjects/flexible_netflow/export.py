"""Exporters at work: records that wait, templates that are due, datagrams to collectors."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.box.device import Device
from iosemu.ip.config import primary_address
from iosemu.ip.stack import IpStack
from iosemu.packets.flow_export import FIRST_TEMPLATE, Template, ipfix, version_9
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.packets.netflow import ExportClock
from iosemu.packets.udp import UdpDatagram
from iosemu.subjects.flexible_netflow.config import IPFIX, FlowExporter

ROOM = 1400
"""Octets of records in a datagram."""
FIRST_PORT = 49152


@dataclass
class Client:
    """What one monitor has an exporter send."""

    number: int
    """Of its template."""
    template: Template
    waiting: list[bytes] = field(default_factory=list)
    told_at: float | None = None
    """When the template was sent last."""
    records: int = 0
    octets: int = 0


@dataclass
class Exporting:
    """One exporter."""

    clients: dict[str, Client] = field(default_factory=dict)
    """By the name of the monitor."""
    source_port: int = 0
    sequence: int = 0
    datagrams: int = 0
    octets: int = 0
    failed: int = 0
    """Datagrams that found no way."""
    cleared: float = 0.0
    """Lab time from which it is counted."""

    def client(self, monitor: str, template: Template) -> Client:
        """The client of a monitor; another record gets another template."""
        found = self.clients.get(monitor)
        if found is None or found.template != template:
            number = FIRST_TEMPLATE + sum(1 for _ in self.clients) + (found is not None)
            taken = {each.number for each in self.clients.values()}
            while number in taken:
                number += 1
            found = self.clients[monitor] = Client(number, template)
        return found

    def clear(self, now: float) -> None:
        """`clear flow exporter statistics`."""
        self.datagrams = self.octets = self.failed = 0
        self.cleared = now
        for client in self.clients.values():
            client.records = client.octets = 0


def send(device: Device, config: FlowExporter, exporting: Exporting) -> None:
    """Send what waits for one exporter."""
    for client in exporting.clients.values():
        size = sum(octets for _element, octets in client.template)
        most = max(1, ROOM // size) if size else 1
        while client.waiting:
            records, client.waiting = client.waiting[:most], client.waiting[most:]
            _datagram(device, config, exporting, client, records)


def _datagram(
    device: Device, config: FlowExporter, exporting: Exporting, client: Client, records: list[bytes]
) -> None:
    now, stack = device.now, device.service(IpStack)
    moment = device.origin.timestamp() + now
    clock = ExportClock(int((now - device.booted_at) * 1000), int(moment))
    due = client.told_at is None or now - client.told_at >= config.template_timeout
    make = ipfix if config.protocol == IPFIX else version_9
    data = make(client.number, client.template, records, clock, exporting.sequence, 0, tells_template=due)
    exporting.source_port = exporting.source_port or FIRST_PORT + device.rng.randrange(0, 0x2000)
    vrf, source = stack.find_vrf(config.vrf), None
    if vrf is not None and config.destination is not None:
        own = primary_address(device.config.interfaces.get(config.source))
        source = own if config.source else vrf.source_for(config.destination)
    sent = False
    if vrf is not None and source is not None and config.destination is not None:
        payload = UdpDatagram(exporting.source_port, config.port, data).to_bytes(source, config.destination)
        packet = IPv4Packet(
            source, config.destination, Protocol.UDP, payload, config.ttl, stack.next_identification(), config.dscp << 2
        )  # fmt: skip
        sent = stack.send(packet, vrf=vrf)
    if not sent:
        exporting.failed += 1
        return
    client.told_at = now if due else client.told_at
    exporting.sequence += len(records) if config.protocol == IPFIX else 1
    exporting.datagrams += 1
    exporting.octets += len(data)
    client.records += len(records)
    client.octets += sum(map(len, records))
