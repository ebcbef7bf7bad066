"""802.1X and MAC authentication bypass on a switch: whom a port lets through, and into which VLAN."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface

import pytest
from switch_lab import Bench, Wire, configure, has_block, refused, running_config, show

from iosemu.box.device import Device
from iosemu.ip.stack import IpStack
from iosemu.net.aaa.users import Accounts, ServerUser
from iosemu.net.dot1x.supplicant import SupplicantState
from iosemu.net.link import Link
from iosemu.packets.addresses import MacAddress
from iosemu.packets.eap import EapPacket, EapType, identity_request
from iosemu.packets.eapol import EapolPacket
from iosemu.packets.ethernet import EthernetFrame
from iosemu.subjects.dot1x.service import PortAccess
from iosemu.subjects.pc.service import NetworkCards
from iosemu.subjects.server.config import RadiusSettings, ServerConfig
from iosemu.subjects.supplicant.service import HostSupplicant

GLOBAL = """aaa new-model
aaa authentication dot1x default group radius
aaa authorization network default group radius
dot1x system-auth-control
logging buffered 50000 debugging
radius-server host 10.0.0.101 auth-port 1812 acct-port 1813 timeout 2 retransmit 0 key r4dius
vlan 20,30,40
interface Vlan1
 ip address 10.0.0.1 255.255.255.0
 no shutdown
"""
PORT = """interface FastEthernet0/1
 switchport mode access
 spanning-tree portfast
 authentication port-control auto
 dot1x pae authenticator
 dot1x timeout tx-period 3
 dot1x timeout quiet-period 5
"""
USERS = {"alice": ServerUser("alice", "wonder", vlan="20"), "bob": ServerUser("bob", "builder")}


class Campus(Bench):
    """A switch with a RADIUS server that it has already spoken to."""

    def __init__(self, port: str = PORT, settle: bool = True) -> None:
        super().__init__()
        self.switch1 = self.switch("SW1", GLOBAL + port)
        self.server = self._device("AAA1", "server", "packet-tracer")
        self.server.service(NetworkCards).set_address(IPv4Interface("10.0.0.101/24"))
        self.users = dict(USERS)
        config = self.server.config.of(ServerConfig)
        config.accounts = Accounts(self.users)
        config.radius = RadiusSettings(b"r4dius", (1812,), (1813,))
        self.server.configured("server")
        self.to_server = self.cable(self.switch1, "Fa0/24", self.server)
        self.run(40)
        if settle:  # ARP knows the server: no request is lost to that
            self.switch1.service(IpStack).send_udp(None, 9, IPv4Address("10.0.0.101"), 9, b"")
            self.run(1)

    def host(self, name: str, number: int, user: str = "", password: str = "") -> Device:
        """A PC at a port, that may have an identity."""
        pc = self.pc(name, f"10.0.0.{10 + number}/24")
        if user:
            pc.service(HostSupplicant).use(user, password)
        return pc

    def plug(self, pc: Device, number: int = 1) -> Link:
        """Put a PC into a port."""
        return self.cable(self.switch1, f"Fa0/{number}", pc)

    def log(self) -> str:
        """What the switch logged."""
        return "\n".join(show(self.switch1, "show logging"))

    def status(self) -> list[str]:
        """The rows of `show authentication sessions`."""
        return show(self.switch1, "show authentication sessions")[1:]


def speak(pc: Device) -> None:
    """Send a broadcast, as every host does sooner or later."""
    card = pc.service(NetworkCards).card
    card.send(EthernetFrame(MacAddress(b"\xff" * 6), card.mac, 0x0806, b"\0" * 46).to_bytes())


def arp(wire: Wire) -> list[bytes]:
    """What `speak` sent and came here, without the BPDUs."""
    return [frame for frame in wire.incoming if frame[12:14] == b"\x08\x06"]


def state(pc: Device) -> SupplicantState:
    supplicant = pc.service(HostSupplicant).supplicant
    assert supplicant is not None
    return supplicant.state


def test_nothing_but_eapol_passes_a_port_before_it_is_authorized() -> None:
    campus = Campus()
    stranger = campus.host("PC1", 1)
    server_side, own = Wire(campus.server, "Fa0"), Wire(campus.switch1, "Fa0/1")
    campus.plug(stranger)
    campus.run(1)
    for _ in range(3):
        speak(stranger)
        speak(campus.server)
        campus.run(1)
    assert not any(
        frame[6:12] == bytes(stranger.service(NetworkCards).card.mac) for frame in server_side.incoming
    )
    assert own.outgoing
    assert all(frame[12:14] == b"\x88\x8e" for frame in own.outgoing if frame[:3] != b"\x01\x00\x0c")
    assert not campus.switch1.interfaces["FastEthernet0/1"].protocol_up


def test_a_client_that_proves_itself_is_put_into_its_vlan() -> None:
    campus = Campus()
    pc = campus.host("PC1", 1, "alice", "wonder")
    campus.plug(pc)
    campus.run(3)
    assert state(pc) is SupplicantState.AUTHENTICATED
    assert "VLAN 20 assigned to Interface Fa0/1" in campus.log()
    assert "Fa0/1" in next(line for line in show(campus.switch1, "show vlan brief") if line.startswith("20 "))
    assert campus.switch1.interfaces["FastEthernet0/1"].protocol_up
    wire = Wire(campus.server, "Fa0")
    speak(pc)
    campus.run(0.5)
    assert not arp(wire), "the server is in another VLAN"


def test_vlans_of_servers_count_only_where_the_network_is_authorized() -> None:
    campus = Campus()
    configure(campus.switch1, "no aaa authorization network default group radius")
    campus.plug(campus.host("PC1", 1, "alice", "wonder"))
    campus.run(3)
    assert "assigned" not in campus.log()
    assert "Authz Success" in campus.status()[0]


def test_a_vlan_that_is_not_there_refuses_the_client() -> None:
    campus = Campus()
    campus.users["carol"] = ServerUser("carol", "christmas", vlan="99")
    pc = campus.host("PC1", 1, "carol", "christmas")
    campus.plug(pc)
    campus.run(3)
    assert "ERR_VLAN_NOT_FOUND: Attempt to assign non-existent or shutdown VLAN 99" in campus.log()
    assert "Authz Failed" in campus.status()[0]
    assert state(pc) is SupplicantState.HELD


def test_a_vlan_may_be_named() -> None:
    campus = Campus()
    configure(campus.switch1, "vlan 30\n name GUESTS")
    campus.users["carol"] = ServerUser("carol", "christmas", vlan="GUESTS")
    campus.plug(campus.host("PC1", 1, "carol", "christmas"))
    campus.run(3)
    assert "VLAN 30 assigned" in campus.log()


def test_a_wrong_password_is_held_for_the_quiet_period_and_tried_again() -> None:
    campus = Campus()
    pc = campus.host("PC1", 1, "alice", "wrong")
    campus.plug(pc)
    campus.run(3)
    assert "HELD" in "\n".join(show(campus.switch1, "show dot1x interface fa0/1 details"))
    assert "%DOT1X-5-FAIL" in campus.log()
    assert state(pc) is SupplicantState.HELD
    pc.service(HostSupplicant).use("alice", "wonder")
    campus.run(1)
    assert "Authz Failed" in campus.status()[0], "the quiet period is not over"
    campus.run(6)
    assert "Authz Success" in campus.status()[0]


def test_the_restricted_vlan_takes_who_failed_three_times_and_tells_it_that_it_succeeded() -> None:
    campus = Campus(PORT + " authentication event fail action authorize vlan 40\n")
    pc = campus.host("PC1", 1, "alice", "wrong")
    campus.plug(pc)
    campus.run(14)
    assert "VLAN 40 assigned to Interface Fa0/1" in campus.log()
    assert campus.log().count("%DOT1X-5-FAIL") == 3
    assert "Auth Fail Vlan" in "\n".join(show(campus.switch1, "show authentication sessions interface fa0/1"))
    assert state(pc) is SupplicantState.AUTHENTICATED


def test_the_guest_vlan_takes_whoever_says_nothing_until_it_speaks() -> None:
    campus = Campus(PORT + " authentication event no-response action authorize vlan 30\n")
    pc = campus.host("PC1", 1)
    campus.plug(pc)
    campus.run(11)
    assert "VLAN 30 assigned to Interface Fa0/1" in campus.log()
    pc.service(HostSupplicant).use("bob", "builder")
    campus.run(3)
    assert "bob" in "\n".join(show(campus.switch1, "show authentication sessions interface fa0/1"))
    assert "Fa0/1" not in next(
        line for line in show(campus.switch1, "show vlan brief") if line.startswith("30 ")
    )


def test_an_address_that_the_server_knows_may_pass() -> None:
    campus = Campus(PORT + " mab\n")
    pc = campus.host("PC1", 1)
    name = bytes(pc.service(NetworkCards).card.mac).hex()
    campus.users[name] = ServerUser(name, name)
    campus.plug(pc)
    campus.run(10)
    speak(pc)
    campus.run(2)
    assert "%MAB-5-SUCCESS" in campus.log()
    assert "mab      DATA     Authz Success" in campus.status()[0]


def test_an_address_that_nobody_knows_may_not() -> None:
    campus = Campus(PORT + " mab\n authentication order mab dot1x\n")
    pc = campus.host("PC1", 1)
    campus.plug(pc)
    campus.run(1)
    speak(pc)
    campus.run(1)
    assert "%MAB-5-FAIL" in campus.log()
    assert "Failing over from 'mab'" in campus.log()
    campus.run(15)
    assert "Authz Failed" in campus.status()[0]


def test_dot1x_takes_over_from_an_address_where_it_has_priority() -> None:
    campus = Campus(PORT + " mab\n authentication order mab dot1x\n authentication priority dot1x mab\n")
    pc = campus.host("PC1", 1)
    name = bytes(pc.service(NetworkCards).card.mac).hex()
    campus.users[name] = ServerUser(name, name)
    campus.plug(pc)
    campus.run(1)
    speak(pc)
    campus.run(2)
    assert " mab " in campus.status()[0]
    pc.service(HostSupplicant).use("bob", "builder")
    campus.run(2)
    assert " dot1x " in campus.status()[0]
    assert "Authz Success" in campus.status()[0]


def two_behind_one_port(campus: Campus, *told: str) -> tuple[Device, Device]:
    """A small switch with two PCs at the port; of the second the server says `told`."""
    hub = campus.switch("HUB", "no spanning-tree vlan 1\nno cdp run")
    hub.groups.clear()  # a switch without 802.1X at all
    campus.cable(campus.switch1, "Fa0/1", hub, "Fa0/24")
    first, second = campus.host("PC1", 1), campus.host("PC2", 2)
    for pc, attributes in ((first, ()), (second, told)):
        name = bytes(pc.service(NetworkCards).card.mac).hex()
        campus.users[name] = ServerUser(name, name, attributes=attributes)
    campus.cable(hub, "Fa0/1", first)
    campus.cable(hub, "Fa0/2", second)
    campus.run(2)
    return first, second


MAB_PORT = """interface FastEthernet0/1
 switchport mode access
 spanning-tree portfast
 authentication port-control auto
 mab
"""


def test_a_second_station_violates_a_port_for_one_host() -> None:
    campus = Campus(MAB_PORT)
    first, second = two_behind_one_port(campus)
    speak(first)
    campus.run(3)
    speak(second)
    campus.run(1)
    assert (
        "%AUTHMGR-5-SECURITY_VIOLATION: Security violation on the interface FastEthernet0/1" in campus.log()
    )
    assert "security-violation error detected on Fa0/1, putting Fa0/1 in err-disable state" in campus.log()


@pytest.mark.parametrize(("mode", "sessions"), [("multi-host", 1), ("multi-auth", 2)])
def test_several_stations_on_a_port_that_takes_them(mode: str, sessions: int) -> None:
    campus = Campus(MAB_PORT + f" authentication host-mode {mode}\n")
    first, second = two_behind_one_port(campus)
    wire = Wire(campus.server, "Fa0")
    for _ in range(2):
        speak(first)
        campus.run(3)
        speak(second)
        campus.run(3)
    assert len(campus.status()) == sessions
    assert all("Authz Success" in row for row in campus.status())
    seen = {frame[6:12] for frame in wire.incoming}
    assert {bytes(pc.service(NetworkCards).card.mac) for pc in (first, second)} <= seen


def test_a_phone_and_a_pc_share_a_port() -> None:
    campus = Campus(MAB_PORT + " switchport voice vlan 40\n authentication host-mode multi-domain\n")
    first, second = two_behind_one_port(campus, "device-traffic-class=voice")
    speak(first)
    campus.run(2)
    speak(second)
    campus.run(2)
    assert [row.split()[3] for row in campus.status()] == ["DATA", "VOICE"]


def test_logging_off_closes_the_port() -> None:
    campus = Campus()
    pc = campus.host("PC1", 1, "bob", "builder")
    campus.plug(pc)
    campus.run(3)
    assert campus.switch1.service(PortAccess).ports["FastEthernet0/1"].authorized
    pc.service(HostSupplicant).logoff()
    campus.run(1)
    assert not campus.switch1.service(PortAccess).ports["FastEthernet0/1"].authorized
    assert not campus.switch1.interfaces["FastEthernet0/1"].protocol_up


def test_a_client_proves_itself_anew_while_it_goes_on() -> None:
    campus = Campus(PORT + " authentication periodic\n authentication timer reauthenticate 60\n")
    pc = campus.host("PC1", 1, "bob", "builder")
    campus.plug(pc)
    campus.run(3)
    assert "60s (local), Remaining: 5" in "\n".join(
        show(campus.switch1, "show authentication sessions interface fa0/1")
    )
    campus.run(60)
    assert campus.log().count("%DOT1X-5-SUCCESS") == 2
    assert campus.log().count("LINEPROTO-5-UPDOWN: Line protocol on Interface FastEthernet0/1") == 1
    campus.users["bob"] = ServerUser("bob", "changed")
    campus.run(60)
    assert not campus.switch1.service(PortAccess).ports["FastEthernet0/1"].authorized


def test_the_server_says_when() -> None:
    campus = Campus(PORT + " authentication periodic\n authentication timer reauthenticate server\n")
    campus.users["bob"] = ServerUser("bob", "builder", session_timeout=30)
    campus.plug(campus.host("PC1", 1, "bob", "builder"))
    campus.run(3)
    assert "30s (server), Remaining: 2" in "\n".join(
        show(campus.switch1, "show authentication sessions interface fa0/1")
    )


def test_critical_clients_are_let_in_while_no_server_answers() -> None:
    campus = Campus(
        "radius-server dead-criteria time 1 tries 1\nradius-server deadtime 1\n" + PORT
        + " authentication event server dead action authorize vlan 30\n"
        + " authentication event server alive action reinitialize\n"
    )  # fmt: skip
    campus.server.config.of(ServerConfig).radius = None
    campus.server.configured("server")
    pc = campus.host("PC1", 1, "bob", "builder")
    campus.plug(pc)
    campus.run(6)
    assert "Critical Auth" in "\n".join(show(campus.switch1, "show authentication sessions interface fa0/1"))
    campus.server.config.of(ServerConfig).radius = RadiusSettings(b"r4dius", (1812,), (1813,))
    campus.server.configured("server")
    campus.run(1)
    campus.run(70)
    configure(campus.switch1, "interface FastEthernet0/1\n no authentication event server dead\n")
    show(campus.switch1, "dot1x initialize interface fa0/1")
    campus.run(8)
    assert "Authentication Server" in "\n".join(
        show(campus.switch1, "show authentication sessions interface fa0/1")
    )


def test_a_port_may_be_forced() -> None:
    campus = Campus(PORT)
    configure(campus.switch1, "interface FastEthernet0/1\n authentication port-control force-unauthorized")
    pc = campus.host("PC1", 1, "bob", "builder")
    campus.plug(pc)
    campus.run(5)
    assert not campus.switch1.interfaces["FastEthernet0/1"].protocol_up
    configure(campus.switch1, "interface FastEthernet0/1\n authentication port-control force-authorized")
    campus.run(2)
    assert campus.switch1.interfaces["FastEthernet0/1"].protocol_up


def test_only_access_ports_are_controlled() -> None:
    bench = Bench()
    switch = bench.switch("SW1")
    assert "Dot1x is supported only on Ethernet interfaces configured in Access" in refused(
        switch, "interface FastEthernet0/1\n authentication port-control auto"
    )


def test_old_images_have_the_old_words() -> None:
    bench = Bench()
    old = bench.switch(
        "SW1",
        "dot1x system-auth-control\ninterface FastEthernet0/1\n switchport mode access\n dot1x port-control auto\n"
        " dot1x guest-vlan 30\n",
        image_name="12.4",
    )
    assert has_block(
        running_config(old),
        "interface FastEthernet0/1",
        " switchport mode access",
        " dot1x pae authenticator",
        " dot1x port-control auto",
        " dot1x guest-vlan 30",
    )
    assert refused(old, "interface FastEthernet0/1\n authentication port-control auto")


def test_eapol_as_it_stands_on_the_wire() -> None:
    """IEEE 802.1X-2010 clause 11.3, RFC 3748 section 4."""
    packet = EapolPacket(0, identity_request(1).to_bytes())
    frame = packet.to_frame(MacAddress.from_string("0011.2233.4455")).to_bytes()
    assert frame[:23].hex() == "0180c2000003" + "001122334455" + "888e" + "03000005" + "0101000501"
    assert len(frame) == 60
    again = EapolPacket.parse(frame[14:])
    assert again == packet
    assert EapPacket.parse(again.body).type == EapType.IDENTITY


def test_a_port_that_is_guarded_flaps_as_others_do() -> None:
    campus = Campus()
    link = campus.plug(campus.host("PC1", 1))
    campus.run(3)
    for _ in range(5):
        link.down()
        campus.run(0.5)
        link.up()
        campus.run(0.5)
    assert campus.switch1.interfaces["FastEthernet0/1"].err_disabled == "link-flap"
