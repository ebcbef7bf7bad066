"""DHCP snooping: foreign servers, option 82, bindings and what is refused."""

from __future__ import annotations

from ipaddress import IPv4Address

from switch_lab import Bench, Wire, configure, running_config, show

from iosemu.box.device import Device
from iosemu.packets.addresses import BROADCAST, MacAddress
from iosemu.packets.dhcp import NOBODY, DhcpMessage, DhcpType, Op, Option
from iosemu.packets.ethernet import EthernetFrame, EtherType
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.packets.udp import UdpDatagram
from iosemu.subjects.dhcp_snooping.packets import Carried, is_dhcp, written
from iosemu.subjects.dhcp_snooping.service import DhcpSnooping

CLIENT, SERVER = MacAddress.from_string("0050.7966.6801"), MacAddress.from_string("0050.7966.6899")
BASE = (
    "ip dhcp snooping\nip dhcp snooping vlan 1\n"
    "interface range fa0/1 - 3\n switchport mode access\n spanning-tree portfast\n"
    "interface fa0/3\n ip dhcp snooping trust\n"
)
OFFERED = IPv4Address("10.0.0.50")


def message(kind: DhcpType, *extra: tuple[int, bytes], relay: IPv4Address = NOBODY) -> DhcpMessage:
    """A message about CLIENT; replies offer an address."""
    reply = kind in (DhcpType.OFFER, DhcpType.ACK, DhcpType.NAK)
    options = ((int(Option.MESSAGE_TYPE), bytes((kind,))), *extra)
    yours = OFFERED if reply else NOBODY
    return DhcpMessage(Op.REPLY if reply else Op.REQUEST, 7, bytes(CLIENT), options, yours=yours, relay=relay)


def framed(what: DhcpMessage, source: MacAddress = CLIENT) -> bytes:
    """The message as a broadcast."""
    ports = (67, 68) if what.op == Op.REPLY else (68, 67)
    datagram = UdpDatagram(*ports, what.to_bytes())
    everyone = IPv4Address("255.255.255.255")
    packet = IPv4Packet(NOBODY, everyone, Protocol.UDP, datagram.to_bytes(NOBODY, everyone))
    return EthernetFrame(BROADCAST, source, EtherType.IPV4, packet.to_bytes()).to_bytes()


class Snooped:
    """A switch whose Fa0/1 and Fa0/2 are not trusted; the server is at Fa0/3."""

    def __init__(self, more: str = "") -> None:
        self.bench = Bench()
        self.switch: Device = self.bench.switch("SW", BASE + more)
        for number in (1, 2, 3):
            far = self.bench.pc(f"PC{number}", f"10.0.0.{number}/24")
            self.bench.cable(self.switch, f"Fa0/{number}", far)
        self.bench.run(3)
        self.wires = {number: Wire(self.switch, f"Fa0/{number}") for number in (1, 2, 3)}

    def hear(self, port: int, frame: bytes) -> None:
        """A frame comes in on a port."""
        self.switch.interfaces[f"FastEthernet0/{port}"].frame_received(frame)
        self.bench.run(0.01)

    def sent(self, port: int) -> list[Carried]:
        """The DHCP messages that left by a port."""
        return [Carried.parse(frame) for frame in self.wires[port].outgoing if is_dhcp(frame)]

    def bind(self, seconds: int = 100) -> None:
        """The client at Fa0/1 is given an address."""
        self.hear(1, framed(message(DhcpType.REQUEST)))
        lease = (int(Option.LEASE_TIME), seconds.to_bytes(4, "big"))
        inserted = self.sent(3)[-1].message.option(Option.RELAY_INFORMATION) or b""
        reply = message(DhcpType.ACK, lease, (int(Option.RELAY_INFORMATION), inserted))
        self.hear(3, framed(reply, SERVER))

    def bound(self) -> list[str]:
        """The addresses that are written down."""
        return [str(each.address) for each in self.switch.service(DhcpSnooping).bindings]

    def said(self, mnemonic: str) -> bool:
        """Whether the log has a message of that name."""
        return any(mnemonic in each.mnemonic for each in self.switch.syslog.messages)


def test_option_82_goes_to_trusted_ports_alone_and_comes_back_out() -> None:
    snooped = Snooped()
    snooped.bind()
    asked = snooped.sent(3)
    value = asked[0].message.option(Option.RELAY_INFORMATION)
    assert value == written(1, 0, snooped.switch.switch_mac)
    assert value is not None
    assert value.hex() == "0106000400010003" + "02080006" + bytes(snooped.switch.switch_mac).hex()
    assert not snooped.sent(2)
    (answer,) = snooped.sent(1)
    assert answer.message.option(Option.RELAY_INFORMATION) is None
    assert UdpDatagram.parse(answer.packet.payload, answer.packet.source, answer.packet.destination)


def test_a_lease_is_written_down_until_it_ends() -> None:
    snooped = Snooped()
    snooped.bind(100)
    assert snooped.bound() == [str(OFFERED)]
    row = show(snooped.switch, "show ip dhcp snooping binding")[2]
    assert row.split() == ["00:50:79:66:68:01", "10.0.0.50", "100", "dhcp-snooping", "1", "FastEthernet0/1"]
    snooped.bench.run(100)
    assert snooped.bound() == []


def test_a_server_on_an_untrusted_port_is_not_heard() -> None:
    snooped = Snooped()
    snooped.hear(1, framed(message(DhcpType.DISCOVER)))
    snooped.hear(2, framed(message(DhcpType.OFFER), SERVER))
    assert not snooped.sent(1)
    assert snooped.said("DHCP_SNOOPING_UNTRUSTED_PORT")
    assert show(snooped.switch, "show ip dhcp snooping statistics")[2].endswith("= 1")


def test_requests_that_lie_are_dropped() -> None:
    snooped = Snooped()
    snooped.hear(1, framed(message(DhcpType.DISCOVER), SERVER))
    assert snooped.said("DHCP_SNOOPING_MATCH_MAC_FAIL")
    snooped.hear(1, framed(message(DhcpType.DISCOVER, relay=IPv4Address("10.0.0.9"))))
    snooped.hear(1, framed(message(DhcpType.DISCOVER, (int(Option.RELAY_INFORMATION), b"\1\1x"))))
    assert snooped.said("DHCP_SNOOPING_NONZERO_GIADDR")
    assert not snooped.sent(3)


def test_only_its_own_port_releases_an_address() -> None:
    snooped = Snooped()
    snooped.bind()
    snooped.hear(2, framed(message(DhcpType.RELEASE)))
    assert snooped.said("DHCP_SNOOPING_FAKE_INTERFACE")
    assert snooped.bound() == [str(OFFERED)]
    snooped.hear(1, framed(message(DhcpType.RELEASE)))
    assert snooped.bound() == []


def test_more_than_the_limit_closes_the_port() -> None:
    snooped = Snooped("interface fa0/1\n ip dhcp snooping limit rate 2\n")
    for _ in range(3):
        snooped.hear(1, framed(message(DhcpType.DISCOVER)))
    assert snooped.switch.interfaces["FastEthernet0/1"].err_disabled == "dhcp-rate-limit"
    assert snooped.said("DHCP_SNOOPING_RATE_LIMIT_EXCEEDED")
    assert len(snooped.sent(3)) == 2


def test_without_snooping_nothing_is_in_the_way() -> None:
    snooped = Snooped()
    configure(snooped.switch, "no ip dhcp snooping\n")
    snooped.hear(2, framed(message(DhcpType.OFFER), SERVER))
    assert snooped.sent(1)
    assert "ip dhcp snooping vlan 1" in running_config(snooped.switch)
