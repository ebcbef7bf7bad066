"""Dynamic crypto maps, keyrings, ISAKMP profiles, host names, aggressive mode, reverse routes."""

from ipaddress import IPv4Address, IPv4Network

from crypto_vpn import LAN_A, PC, SERVER, A, Vpn
from typed import configure, session

from iosemu.handling.context import Context
from iosemu.ike.sa import State
from iosemu.ip.config import IpSettings
from iosemu.ip.stack import IpStack
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.subjects.crypto import running
from iosemu.subjects.crypto.commands import isakmp_profile
from iosemu.subjects.crypto.config.isakmp import IsakmpConfig
from iosemu.subjects.crypto.service.engine import CryptoEngine
from iosemu.subjects.crypto.show import maps as crypto_map_show

HUB = """\
no crypto map CMAP 10
crypto dynamic-map DYN 5
 set transform-set TSET
 reverse-route
crypto map CMAP 100 ipsec-isakmp dynamic DYN
"""


def hub() -> Vpn:
    vpn = Vpn()
    configure(vpn.b, HUB)
    vpn.apply()
    return vpn


def shown(router, show, **arguments) -> list[str]:
    return list(show(Context(router, None, session()), **arguments))


def test_a_peer_that_nobody_knows_is_answered_from_a_template():
    vpn = hub()
    assert vpn.ping(3) >= 1
    assert vpn.ping(2) == 2
    (pair,) = vpn.b.service(CryptoEngine).sadb
    assert pair.peer == A
    lines = shown(vpn.b, crypto_map_show.show_map)
    assert 'Crypto Map IPv4 "CMAP" 65536 ipsec-isakmp' in lines
    assert "\t    access-list  permit ip 192.168.2.0 0.0.0.255 192.168.1.0 0.0.0.255" in lines
    assert "\t    dynamic (created from dynamic map DYN/5)" in lines
    assert "\tDynamic map template tag: DYN" in lines
    assert shown(vpn.b, crypto_map_show.show_dynamic_map)[0] == 'Crypto Map Template"DYN" 5'


def test_a_template_cannot_initiate():
    vpn = hub()
    packet = IPv4Packet(SERVER, PC, Protocol.ICMP, bytes(8), 64)
    vpn.b.service(IpStack).send(packet)
    vpn.run(5)
    assert not vpn.b.service(CryptoEngine).ike.sas
    assert list(vpn.b.service(CryptoEngine).sadb) == []


def test_what_came_of_a_template_ends_with_its_sas():
    vpn = hub()
    vpn.ping(3)
    vpn.a.service(CryptoEngine).clear()
    vpn.run(2)
    assert not list(vpn.b.service(CryptoEngine).sadb)
    assert not any('" 65536 ' in line for line in shown(vpn.b, crypto_map_show.show_map))
    assert vpn.ping(3) >= 2


def test_a_template_is_renewed_by_either_side():
    vpn = hub()
    configure(vpn.a, "crypto ipsec security-association lifetime seconds 300\n")
    vpn.ping(3)
    assert vpn.ping(100, interval=10) == 100
    assert len(vpn.b.service(CryptoEngine).sadb) <= 2


def test_reverse_route_follows_the_sas():
    vpn = hub()
    configure(vpn.b, f"no ip route {LAN_A.network_address} {LAN_A.netmask} {A}\n")
    assert vpn.b.service(IpStack).routes.lookup(PC) is None
    assert vpn.ping(4) >= 2
    route = vpn.b.service(IpStack).routes.lookup(PC)
    assert (route.network, route.next_hop) == (LAN_A, A)
    vpn.a.service(CryptoEngine).clear()
    vpn.run(1)
    assert vpn.b.service(IpStack).routes.lookup(PC) is None


def test_reverse_route_static_stands_with_the_map():
    vpn = Vpn()
    configure(vpn.b, f"no ip route {LAN_A.network_address} {LAN_A.netmask} {A}\n")
    configure(vpn.b, "crypto map CMAP 10\n reverse-route static\n")
    vpn.apply()
    assert vpn.b.service(IpStack).routes.lookup(PC).next_hop == A


PROFILE_A = """\
no crypto isakmp key TEST1 address 10.0.10.20
crypto keyring RING
 pre-shared-key address 10.0.10.20 key RINGKEY
crypto isakmp profile PROF
 keyring RING
 match identity address 10.0.10.20 255.255.255.255
crypto map CMAP 10
 set isakmp-profile PROF
"""
PROFILE_B = PROFILE_A.replace("10.0.10.20", "10.0.10.10")


def profiles(text_b: str = PROFILE_B) -> Vpn:
    vpn = Vpn()
    configure(vpn.a, PROFILE_A)
    configure(vpn.b, text_b)
    vpn.apply()
    vpn.ping(3)
    return vpn


def test_profiles_with_keyrings():
    vpn = profiles()
    assert vpn.ping(2) == 2
    assert [sa.profile for router in (vpn.a, vpn.b) for sa in router.service(CryptoEngine).ike.sas] == [
        "PROF",
        "PROF",
    ]
    lines = shown(vpn.a, isakmp_profile.show_profile)
    assert lines[:4] == [
        "ISAKMP PROFILE PROF",
        "Ref Count = 2",
        "   Identities matched are:",
        "    ip-address 10.0.10.20 255.255.255.255",
    ]
    context = Context(vpn.a, None, session())
    text = [
        *running.keyring_lines(vpn.a, session().render),
        *running.isakmp_profile_lines(vpn.a, session().render),
    ]
    assert text == [
        "crypto keyring RING ",
        "  pre-shared-key address 10.0.10.20 key RINGKEY",
        "crypto isakmp profile PROF",
        "   keyring RING",
        "   match identity address 10.0.10.20 255.255.255.255 ",
    ]
    configure(vpn.a, "\n".join(text))
    assert context.device.config.of(IsakmpConfig).profiles["PROF"].keyrings == ["RING"]


def test_an_entry_bound_to_a_profile_refuses_peers_that_come_under_none():
    vpn = profiles(PROFILE_B.replace("identity address 10.0.10.10", "identity address 10.9.9.9"))
    assert list(vpn.b.service(CryptoEngine).sadb) == []
    assert [sa.state for sa in vpn.b.service(CryptoEngine).ike.sas] == [State.QM_IDLE]


def test_hostname_identity_with_keys_by_name():
    vpn = Vpn()
    for router, peer, name in ((vpn.a, "10.0.10.20", "R-B"), (vpn.b, "10.0.10.10", "R-A")):
        own = "R-A" if name == "R-B" else "R-B"
        configure(
            router,
            f"hostname {own}\nip domain-name lab.test\nip host {name}.lab.test {peer}\n"
            f"no crypto isakmp key TEST1 address {peer}\ncrypto isakmp key NAMED hostname {name}.lab.test\n"
            "crypto isakmp identity hostname\n",
        )
    vpn.up()
    (sa,) = vpn.a.service(CryptoEngine).ike.sas
    assert str(sa.peer_identity) == "R-B.lab.test"


def test_a_peer_by_name():
    vpn = Vpn()
    configure(
        vpn.a,
        "ip host branch 10.0.10.20\ncrypto map CMAP 10\n no set peer 10.0.10.20\n set peer branch dynamic\n",
    )
    assert " set peer branch dynamic" in running.map_lines(vpn.a, session().render)
    vpn.up()
    assert vpn.ping(1) == 1


def test_aggressive_mode_towards_a_peer():
    vpn = Vpn()
    configure(
        vpn.a,
        "crypto isakmp peer address 10.0.10.20\n set aggressive-mode password AGG\n"
        " set aggressive-mode client-endpoint fqdn spoke.lab\n",
    )
    configure(vpn.b, "crypto isakmp key AGG hostname spoke.lab\n")
    vpn.up()
    (sa,) = vpn.b.service(CryptoEngine).ike.sas
    assert sa.aggressive
    assert str(sa.peer_identity) == "spoke.lab"


def test_the_default_peer_comes_first():
    vpn = Vpn()
    configure(
        vpn.a,
        "crypto isakmp key TEST1 address 10.0.10.99\ncrypto map CMAP 10\n no set peer\n"
        " set peer 10.0.10.99\n set peer 10.0.10.20 default\n",
    )
    vpn.up()
    assert vpn.ping(1) == 1


def test_local_address():
    vpn = Vpn()
    configure(
        vpn.a,
        "interface Loopback0\n ip address 172.16.0.1 255.255.255.255\ncrypto map CMAP local-address Loopback0\n",
    )
    configure(
        vpn.b,
        "ip route 172.16.0.1 255.255.255.255 10.0.10.10\ncrypto isakmp key TEST1 address 172.16.0.1\n"
        "crypto map CMAP 10\n no set peer\n set peer 172.16.0.1\n",
    )
    vpn.run(5)
    vpn.up()
    assert vpn.ping(2) == 2
    assert [str(pair.local) for pair in vpn.a.service(CryptoEngine).sadb] == ["172.16.0.1"]
    head = 'Crypto Map: "CMAP" idb: Loopback0 local address: 172.16.0.1'
    assert shown(vpn.a, crypto_map_show.show_map)[:2] == [head, ""]


def test_access_groups_of_an_entry():
    vpn = Vpn()
    configure(
        vpn.b,
        "access-list 120 deny icmp any any\naccess-list 120 permit ip any any\n"
        "crypto map CMAP 10\n set ip access-group 120 in\n",
    )
    vpn.apply()
    assert vpn.ping(3) == 0
    assert vpn.flow(vpn.b).counters.decaps >= 1
    configure(vpn.b, "crypto map CMAP 10\n no set ip access-group 120 in\n")
    assert vpn.ping(3) >= 2


def test_the_output_access_list_sees_packets_before_encryption_but_after_the_crypto_map():
    vpn = Vpn().up()
    configure(
        vpn.a,
        f"access-list 130 deny icmp host {PC} host {SERVER}\naccess-list 130 permit ip any any\n"
        "interface FastEthernet0/0\n ip access-group 130 out\n",
    )
    before = vpn.flow(vpn.a).counters.encaps
    assert vpn.ping(2) == 0
    assert vpn.flow(vpn.a).counters.encaps == before
    vpn.a.service(CryptoEngine).clear()
    vpn.run(1)
    vpn.ping(1)
    assert vpn.flow(vpn.a).pairs, "the packet asks for SAs before the list drops it"


def test_addresses_that_go_away_take_their_sas_along():
    vpn = Vpn().up()
    configure(vpn.b, "interface FastEthernet0/0\n ip address 10.0.10.21 255.255.255.0\n")
    assert not list(vpn.b.service(CryptoEngine).sadb)
    assert not any(sa.up for sa in vpn.b.service(CryptoEngine).ike.sas)
    assert vpn.b.config.interfaces["FastEthernet0/0"].of(IpSettings).address.ip == IPv4Address("10.0.10.21")
    assert (
        IPv4Network("10.0.10.0/24")
        == vpn.b.config.interfaces["FastEthernet0/0"].of(IpSettings).address.network
    )
