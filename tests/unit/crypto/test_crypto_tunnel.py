import pytest
from crypto_vpn import WAN, A, B, Vpn

from iosemu.packets.ethernet import EthernetFrame
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.subjects.acl.config import AclsConfig
from iosemu.subjects.crypto.config.ipsec import IpsecConfig, Mode, TransformSet
from iosemu.subjects.crypto.config.maps import CryptoMapBinding, CryptoMapsConfig
from iosemu.subjects.crypto.service.engine import CryptoEngine


def protocols(vpn: Vpn) -> list[int]:
    """IP protocols that pass R-A's outside port from now on."""
    seen: list[int] = []

    def tap(_direction, frame: bytes) -> None:
        parsed = EthernetFrame.parse(frame)
        if parsed.ethertype == 0x0800:
            seen.append(IPv4Packet.parse(parsed.payload).protocol)

    vpn.a.ports[WAN].taps.append(tap)
    return seen


def test_the_first_packet_negotiates_and_is_lost():
    vpn = Vpn()
    vpn.ping(2)
    vpn.apply()
    seen = protocols(vpn)
    assert vpn.ping(4) == 3
    assert seen.count(Protocol.UDP) == 9
    assert seen.count(Protocol.ESP) == 6
    assert Protocol.ICMP not in seen
    for router in (vpn.a, vpn.b):
        (sa,) = router.service(CryptoEngine).ike.sas
        assert (sa.responder, sa.initiator, sa.up) == (B, A, True)
        counters = vpn.flow(router).counters
        assert (counters.encaps, counters.decaps, counters.receive_errors) == (3, 3, 0)
    assert vpn.flow(vpn.a).counters.send_errors == 1
    assert vpn.flow(vpn.b).counters.send_errors == 0


def test_a_cold_ping_loses_two_of_four():
    vpn = Vpn()
    vpn.apply()
    assert vpn.ping(4) == 2
    assert vpn.ping(4) == 4


def test_no_traffic_no_tunnel():
    vpn = Vpn()
    vpn.apply()
    vpn.run(600)
    assert list(vpn.a.service(CryptoEngine).ike.sas) == []
    assert len(vpn.a.service(CryptoEngine).sadb) == 0


def test_isakmp_is_announced_on_and_off():
    vpn = Vpn()
    vpn.apply(vpn.a)
    assert vpn.log(vpn.a)[-1] == "%CRYPTO-6-ISAKMP_ON_OFF: ISAKMP is ON"
    vpn.a.config.interfaces[WAN].of(CryptoMapBinding).name = None
    vpn.a.interface_configured(WAN)
    assert vpn.log(vpn.a)[-1] == "%CRYPTO-6-ISAKMP_ON_OFF: ISAKMP is OFF"


def test_the_spis_mirror_each_other_and_the_keys_are_exported():
    vpn = Vpn().up()
    (a,), (b,) = vpn.a.service(CryptoEngine).sadb, vpn.b.service(CryptoEngine).sadb
    assert [sa.spi for sa in a.inbound] == [sa.spi for sa in b.outbound]
    assert [sa.spi for sa in a.outbound] == [sa.spi for sa in b.inbound]
    keys_a, keys_b = vpn.a.service(CryptoEngine).exported_keys(), vpn.b.service(CryptoEngine).exported_keys()
    assert sorted(key["spi"] for key in keys_a["esp"]) == sorted(key["spi"] for key in keys_b["esp"])
    assert keys_a["ike"][0]["key"] == keys_b["ike"][0]["key"]
    assert set(keys_a["ike"][0]) >= {"cookie", "key", "psk", "dh_priv_i", "skeyid", "skeyid_d"}
    assert keys_a["esp"][0]["enc"] == "AES-CBC [RFC3602]"
    assert keys_a["esp"][0]["auth"] == "HMAC-SHA-1-96 [RFC2404]"


@pytest.mark.parametrize(
    "transforms",
    [
        ("esp-des", "esp-md5-hmac"),
        ("esp-3des", "esp-sha256-hmac"),
        ("esp-aes 256", "esp-sha512-hmac"),
        ("esp-gcm",),
        ("esp-gmac 256",),
        ("esp-null", "esp-sha-hmac"),
        ("esp-aes",),
        ("ah-sha-hmac",),
        ("ah-sha-hmac", "esp-aes 192", "esp-sha384-hmac"),
    ],
    ids=" ".join,
)
def test_every_transform_carries_packets(transforms):
    vpn = Vpn()
    for router in (vpn.a, vpn.b):
        router.config.of(IpsecConfig).transform_sets["TSET"] = TransformSet("TSET", transforms)
    vpn.up()
    assert vpn.ping(3) == 3
    assert vpn.flow(vpn.a).counters.receive_errors == 0


def test_transport_mode_between_networks_becomes_tunnel_mode():
    vpn = Vpn()
    for router in (vpn.a, vpn.b):
        router.config.of(IpsecConfig).transform_sets["TSET"].mode = Mode.TRANSPORT
    vpn.up()
    assert all(sa.tunnel for pair in vpn.a.service(CryptoEngine).sadb for sa in pair.outbound)


def test_large_packets_are_cut_before_they_are_encrypted():
    vpn = Vpn().up()
    before = vpn.flow(vpn.a).counters.encaps
    assert vpn.ping(1, size=1472) == 1
    assert vpn.flow(vpn.a).counters.encaps - before == 2


def test_several_transform_sets_are_tried_in_order():
    vpn = Vpn()
    vpn.a.config.of(IpsecConfig).transform_sets["OTHER"] = TransformSet("OTHER", ("esp-3des", "esp-md5-hmac"))
    vpn.a.config.of(CryptoMapsConfig).maps["CMAP"].entries[10].transform_sets = ["OTHER", "TSET"]
    assert vpn.up().ping(1) == 1


def test_access_list_counts():
    real, simulated = Vpn("15.1").up(), Vpn("packet-tracer").up()
    entry = next(real.a.config.of(AclsConfig).lists["101"].entries)
    assert entry.matches == 3
    entry = next(simulated.a.config.of(AclsConfig).lists["101"].entries)
    assert entry.matches == 1
