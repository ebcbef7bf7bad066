"""What protocols are told by: number, ports, or the type of the frame.

The ports are those of IANA and of Cisco's table for NBAR ("NBAR Protocol Discovery", `show ip nbar port-map`); what
they carry is not looked into, but for RTP, which has no port of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from iosemu.packets.ipv4 import Protocol
from iosemu.subjects.mqc.config import MqcConfig

if TYPE_CHECKING:
    from iosemu.box.device import Device
    from iosemu.subjects.mqc.sighting import Sighting

RTP_PORTS = range(16384, 32768)
"""Where RTP is looked for: Cisco's range of UDP ports, of which it has the even ones."""
_UDP_HEADER, _RTP_HEADER = 8, 12


@dataclass(frozen=True)
class Application:
    """A protocol, and what it is told by; any of it is enough."""

    name: str
    tcp: tuple[int, ...] = ()
    """Ports."""
    udp: tuple[int, ...] = ()
    numbers: tuple[int, ...] = ()
    """Protocol numbers of IPv4."""
    ethertype: int = 0
    rtp: bool = False
    """By the look of its packets (RFC 3550 section 5.1)."""


PROTOCOLS = {
    each.name: each
    for each in (
        Application("arp", ethertype=0x0806),
        Application("bgp", tcp=(179,)),
        Application("bittorrent", tcp=(6881, 6882, 6883, 6884, 6885, 6886, 6887, 6888, 6889)),
        Application("cdp", ethertype=0x2000),
        Application("citrix", tcp=(1494,), udp=(1604,)),
        Application("cuseeme", tcp=(7648, 7649), udp=(24032, 7648, 7649)),
        Application("dhcp", udp=(67, 68)),
        Application("dns", tcp=(53,), udp=(53,)),
        Application("edonkey", tcp=(4662,)),
        Application("egp", numbers=(8,)),
        Application("eigrp", numbers=(88,)),
        Application("exchange", tcp=(135,)),
        Application("fasttrack", tcp=(1214,)),
        Application("finger", tcp=(79,)),
        Application("ftp", tcp=(20, 21)),
        Application("ftps", tcp=(989, 990)),
        Application("gnutella", tcp=(6346, 6347, 6348, 6349), udp=(6346, 6347, 6348, 6349)),
        Application("gopher", tcp=(70,), udp=(70,)),
        Application("gre", numbers=(47,)),
        Application("h323", tcp=(1720,), udp=(1718, 1719)),
        Application("http", tcp=(80,)),
        Application("icmp", numbers=(1,)),
        Application("imap", tcp=(143, 220), udp=(143, 220)),
        Application("ip", ethertype=0x0800),
        Application("ipinip", numbers=(4,)),
        Application("ipsec", numbers=(50, 51)),
        Application("ipv6", ethertype=0x86DD),
        Application("irc", tcp=(194,), udp=(194,)),
        Application("isakmp", udp=(500,)),
        Application("kerberos", tcp=(88, 749), udp=(88, 749)),
        Application("l2tp", udp=(1701,)),
        Application("ldap", tcp=(389,), udp=(389,)),
        Application("mgcp", tcp=(2427, 2428, 2727), udp=(2427, 2727)),
        Application("netbios", tcp=(137, 139), udp=(137, 138)),
        Application("netshow", tcp=(1755,)),
        Application("nfs", tcp=(2049,), udp=(2049,)),
        Application("nntp", tcp=(119,), udp=(119,)),
        Application("notes", tcp=(1352,), udp=(1352,)),
        Application(
            "novadigm", tcp=(3460, 3461, 3462, 3463, 3464, 3465), udp=(3460, 3461, 3462, 3463, 3464, 3465)
        ),
        Application("ntp", tcp=(123,), udp=(123,)),
        Application("ospf", numbers=(89,)),
        Application("pcanywhere", tcp=(5631, 65301), udp=(22, 5632)),
        Application("pop3", tcp=(110,), udp=(110,)),
        Application("pptp", tcp=(1723,)),
        Application("printer", tcp=(515,), udp=(515,)),
        Application("rip", udp=(520,)),
        Application("rsvp", udp=(1698, 1699), numbers=(46,)),
        Application("rtp", rtp=True),
        Application("rtsp", tcp=(554, 8554)),
        Application("secure-ftp", tcp=(989, 990)),
        Application("secure-http", tcp=(443,)),
        Application("secure-imap", tcp=(585, 993), udp=(585, 993)),
        Application("secure-irc", tcp=(994,), udp=(994,)),
        Application("secure-ldap", tcp=(636,), udp=(636,)),
        Application("secure-nntp", tcp=(563,), udp=(563,)),
        Application("secure-pop3", tcp=(995,), udp=(995,)),
        Application("secure-telnet", tcp=(992,)),
        Application("sip", tcp=(5060,), udp=(5060,)),
        Application("skinny", tcp=(2000, 2001, 2002)),
        Application("smtp", tcp=(25,)),
        Application("snmp", tcp=(161, 162), udp=(161, 162)),
        Application("socks", tcp=(1080,)),
        Application("sqlnet", tcp=(1521,)),
        Application("sqlserver", tcp=(1433,)),
        Application("ssh", tcp=(22,)),
        Application("streamwork", udp=(1558,)),
        Application("sunrpc", tcp=(111,), udp=(111,)),
        Application("syslog", udp=(514,)),
        Application("tcp", numbers=(6,)),
        Application("telnet", tcp=(23,)),
        Application("tftp", udp=(69,)),
        Application("udp", numbers=(17,)),
        Application("vdolive", tcp=(7000,)),
        Application("winmx", tcp=(6699,)),
        Application("xwindows", tcp=(6000, 6001, 6002, 6003)),
    )
}
"""By the names that `match protocol` has for them."""


UNKNOWN = "unknown"
"""What is of no protocol here."""
_GENERAL = frozenset({"arp", "cdp", "ip", "ipv6", "tcp", "udp"})
"""What says no more than that it is a frame, or a packet."""


class Applications:
    """The protocols as one box knows them: with the ports of `ip nbar port-map`."""

    def __init__(self, port_maps: Mapping[tuple[str, str], tuple[int, ...]]) -> None:
        self._known = {name: mapped(each, port_maps) for name, each in PROTOCOLS.items()}
        self._ports: dict[tuple[int, int], str] = {}
        self._numbers: dict[int, str] = {}
        for each in self._known.values():
            if each.name in _GENERAL:
                continue
            for number in each.numbers:
                self._numbers.setdefault(number, each.name)
            for protocol, ports in ((Protocol.TCP, each.tcp), (Protocol.UDP, each.udp)):
                for port in ports:
                    self._ports.setdefault((protocol, port), each.name)

    @property
    def every(self) -> Iterable[Application]:
        """All of them, by name."""
        return self._known.values()

    def __getitem__(self, name: str) -> Application:
        return self._known[name]

    def name(self, seen: Sighting) -> str:
        """What a packet of IP is of: by its number, the lower of its ports that is known, or how RTP looks."""
        packet = seen.packet
        if packet is None:
            return UNKNOWN
        ports = seen.ports
        if ports is None:
            return self._numbers.get(packet.protocol, UNKNOWN)
        for port in sorted(ports):
            if (packet.protocol, port) in self._ports:
                return self._ports[packet.protocol, port]
        return "rtp" if recognised(self["rtp"], seen) else UNKNOWN


def mapped(application: Application, port_maps: Mapping[tuple[str, str], tuple[int, ...]]) -> Application:
    """A protocol with the ports that `ip nbar port-map` gives it."""
    name = application.name
    return replace(
        application,
        tcp=port_maps.get((name, "tcp"), application.tcp),
        udp=port_maps.get((name, "udp"), application.udp),
    )


def applications(device: Device) -> Applications:
    """The protocols as a box knows them now."""
    return Applications(device.config.of(MqcConfig).port_maps)


def recognised(application: Application, seen: Sighting) -> bool:
    """Whether a packet is of a protocol."""
    if application.ethertype:
        return seen.ethertype == application.ethertype
    packet = seen.packet
    if packet is None:
        return False
    if application.numbers and packet.protocol in application.numbers:
        return True
    ports = seen.ports
    if ports is None:
        return False
    if application.rtp:
        return packet.protocol == Protocol.UDP and _is_rtp(ports[1], packet.payload)
    known = application.tcp if packet.protocol == Protocol.TCP else application.udp
    return ports[0] in known or ports[1] in known


def payload_type(seen: Sighting) -> int | None:
    """The payload type of an RTP packet (RFC 3550 section 5.1); None: it is none."""
    if not recognised(PROTOCOLS["rtp"], seen):
        return None
    assert seen.packet is not None
    return seen.packet.payload[_UDP_HEADER + 1] & 0x7F


def _is_rtp(port: int, datagram: bytes) -> bool:
    """Version 2 in the first octet behind the UDP header, and an even port."""
    return (
        port in RTP_PORTS
        and not port & 1
        and len(datagram) >= _UDP_HEADER + _RTP_HEADER
        and datagram[_UDP_HEADER] >> 6 == 2
    )
