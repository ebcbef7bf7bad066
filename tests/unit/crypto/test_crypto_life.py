from ipaddress import IPv4Address, IPv4Network

import pytest
from crypto_vpn import WAN, A, B, Vpn
from typed import configure

from iosemu.ip.stack import IpStack
from iosemu.subjects.crypto.config.ipsec import IpsecConfig
from iosemu.subjects.crypto.config.isakmp import IsakmpConfig
from iosemu.subjects.crypto.config.keepalive import Keepalive
from iosemu.subjects.crypto.config.keyring import PresharedKey
from iosemu.subjects.crypto.config.maps import CryptoMapBinding, CryptoMapsConfig
from iosemu.subjects.crypto.debug.flags import FLAGS
from iosemu.subjects.crypto.service.engine import CryptoEngine


def spis(vpn: Vpn) -> set[int]:
    return {sa.spi for pair in vpn.a.service(CryptoEngine).sadb for sa in pair.outbound}


def test_a_used_sa_is_renewed_before_it_expires_and_nothing_is_lost():
    vpn = Vpn().up()
    first = spis(vpn)
    vpn.run(3600 - 35 - 6)
    assert spis(vpn) == first
    assert vpn.ping(60, interval=1.0) == 60
    assert len(vpn.a.service(CryptoEngine).sadb) == len(vpn.b.service(CryptoEngine).sadb) == 1
    assert not spis(vpn) & first


def test_an_unused_sa_is_not_renewed():
    vpn = Vpn()
    vpn.apply()
    vpn.ping(1, interval=5)
    (pair,) = vpn.a.service(CryptoEngine).sadb
    assert not pair.used
    vpn.run(3700)
    assert len(vpn.a.service(CryptoEngine).sadb) == len(vpn.b.service(CryptoEngine).sadb) == 0


def test_the_smaller_lifetime_wins():
    vpn = Vpn()
    vpn.b.config.of(IpsecConfig).lifetime_seconds = 300
    vpn.up()
    assert {pair.lifetime_seconds for pair in vpn.a.service(CryptoEngine).sadb} == {300}


def test_volume_runs_out_and_is_renewed_in_time():
    vpn = Vpn()
    for router in (vpn.a, vpn.b):
        router.config.of(IpsecConfig).lifetime_kilobytes = 2560
    vpn.up()
    first = spis(vpn)
    assert vpn.ping(1900, interval=0.1, size=1350) == 1900
    assert vpn.flow(vpn.a).current(vpn.a.now).outbound[0].spi not in first


def test_clear_crypto_sa_tells_the_peer():
    vpn = Vpn().up()
    vpn.a.service(CryptoEngine).clear()
    vpn.run(1)
    assert len(vpn.a.service(CryptoEngine).sadb) == len(vpn.b.service(CryptoEngine).sadb) == 0
    assert vpn.flow(vpn.a).counters.encaps == 0
    assert vpn.ping(3) == 2


def test_clear_crypto_isakmp_leaves_the_ipsec_sas():
    vpn = Vpn().up()
    vpn.a.service(CryptoEngine).clear_isakmp()
    vpn.run(1)
    assert [sa.deleted for sa in vpn.b.service(CryptoEngine).ike.sas] == [True]
    assert vpn.ping(2) == 2


def test_a_peer_that_drops_its_sas_with_phase_1_is_noticed():
    vpn = Vpn().up()
    crypto = vpn.b.service(CryptoEngine)
    crypto.clear_isakmp()
    for pair in crypto.sadb:
        crypto.remove_pair(pair, tell_peer=False)
    vpn.run(1)
    before = spis(vpn)
    assert vpn.ping(4) == 0
    vpn.ping(14)
    assert vpn.ping(4) == 4, "renewed after thirty seconds without an answer"
    assert spis(vpn) > before


def test_phase_1_that_expired_is_not_missed_while_answers_come():
    vpn = Vpn()
    for router in (vpn.a, vpn.b):
        router.config.of(IsakmpConfig).policy(10).lifetime = 600
    vpn.up()
    vpn.run(700)
    assert not len(vpn.a.service(CryptoEngine).ike.sas)
    before = spis(vpn)
    assert vpn.ping(8) == 8
    assert spis(vpn) == before


def test_phase_1_that_expired_is_made_again_when_the_peer_is_silent():
    vpn = Vpn()
    for router in (vpn.a, vpn.b):
        router.config.of(IsakmpConfig).policy(10).lifetime = 600
    vpn.up()
    vpn.run(700)
    crypto = vpn.b.service(CryptoEngine)
    for pair in crypto.sadb:
        crypto.remove_pair(pair, tell_peer=False)
    assert vpn.ping(10) == 0
    vpn.ping(8)
    assert vpn.ping(4) == 4


def test_a_request_that_failed_waits_for_its_timer():
    vpn = Vpn()
    vpn.apply(vpn.a)
    vpn.ping(20, interval=1.0)
    crypto = vpn.a.service(CryptoEngine)
    assert len(crypto.ike.sas) == 1
    vpn.a.config.of(IsakmpConfig).keys.clear()
    crypto.clear_isakmp()
    vpn.run(61)
    vpn.a.debugging.set(FLAGS["ipsec"], True)
    vpn.ping(70, interval=1.0)
    told = [line for line in vpn.log(vpn.a) if "sa_request" in line or "request timer" in line]
    assert [line.split("IPSEC")[1] for line in told] == [
        "(sa_request): ,",
        "(key_engine): request timer fired: count = 1,",
        "(sa_request): ,",
        "(sa_request): ,",
    ]


def test_removing_the_map_removes_its_sas():
    vpn = Vpn().up()
    vpn.a.config.interfaces[WAN].of(CryptoMapBinding).name = None
    vpn.a.interface_configured(WAN)
    assert len(vpn.a.service(CryptoEngine).sadb) == 0
    assert not vpn.a.service(CryptoEngine).running
    vpn.run(1)
    assert not any(sa.up for router in (vpn.a, vpn.b) for sa in router.service(CryptoEngine).ike.sas)
    assert len(vpn.b.service(CryptoEngine).sadb) == 0


def test_shutting_the_interface_removes_its_sas():
    vpn = Vpn().up()
    vpn.a.config.interfaces[WAN].shutdown = True
    vpn.a.interface_configured(WAN)
    vpn.run(5)
    assert len(vpn.a.service(CryptoEngine).sadb) == 0


def test_a_rebooted_peer_is_noticed_by_initial_contact():
    vpn = Vpn().up()
    for pair in list(vpn.b.service(CryptoEngine).sadb):
        vpn.b.service(CryptoEngine).remove_pair(pair, tell_peer=False)
    vpn.b.service(CryptoEngine).ike.drop(vpn.b.now, B)
    vpn.b.service(CryptoEngine).pump()
    flow = vpn.flow(vpn.b)
    vpn.b.service(CryptoEngine).negotiate(flow)
    vpn.run(5)
    assert len(vpn.b.service(CryptoEngine).sadb) == 1
    assert len(vpn.a.service(CryptoEngine).sadb) == 1
    assert vpn.ping(2) == 2


def test_a_dead_peer_is_found_by_periodic_probes():
    vpn = Vpn()
    for router in (vpn.a, vpn.b):
        router.config.of(IsakmpConfig).keepalive = Keepalive(10, 2, periodic=True)
    vpn.up()
    vpn.b.service(CryptoEngine).stop()
    vpn.b.service(IpStack).bind_udp(500, None, vrf=None)
    vpn.run(60)
    assert len(vpn.a.service(CryptoEngine).sadb) == 0


@pytest.mark.parametrize("periodic", [True, False])
def test_dead_peer_detection_begins_phase_1_where_there_is_none(periodic):
    vpn = Vpn()
    for router in (vpn.a, vpn.b):
        router.config.of(IsakmpConfig).policy(10).lifetime = 60
        router.config.of(IsakmpConfig).keepalive = Keepalive(10, 2, periodic=periodic)
    vpn.up()
    vpn.run(62)
    crypto = vpn.a.service(CryptoEngine)
    assert not crypto.ike.sas.up(B)
    assert len(crypto.sadb) == 1
    before = spis(vpn)
    if periodic:
        vpn.run(13)
        (sa,) = crypto.ike.sas.up(B)
        assert sa.initiator == A
        assert not vpn.b.service(CryptoEngine).ike.sas.begun(A), "not both ends at once"
    else:
        vpn.run(13)
        assert not crypto.ike.sas.up(B), "nobody asked for it"
    assert vpn.ping(2) == 2
    assert spis(vpn) == before, "the IPsec SAs are those of before"


@pytest.mark.parametrize("periodic", [True, False])
def test_a_peer_that_died_without_phase_1_is_found(periodic):
    vpn = Vpn()
    for router in (vpn.a, vpn.b):
        router.config.of(IsakmpConfig).policy(10).lifetime = 60
        router.config.of(IsakmpConfig).keepalive = Keepalive(10, 2, periodic=periodic)
    vpn.up()
    vpn.run(62)
    crypto = vpn.a.service(CryptoEngine)
    assert not crypto.ike.sas.up(B)
    vpn.b.service(CryptoEngine).stop()
    vpn.b.service(IpStack).bind_udp(500, None, vrf=None)
    for pair in list(vpn.b.service(CryptoEngine).sadb):
        vpn.b.service(CryptoEngine).remove_pair(pair, tell_peer=False)
    if periodic:
        vpn.run(80)
    else:
        vpn.run(80)
        assert len(crypto.sadb) == 1, "no packet asked for an answer"
        vpn.ping(50, interval=2.0)
    assert not [pair for pair in crypto.sadb if pair.created < 60]


def test_several_peers_are_tried_in_turn():
    vpn = Vpn()
    dead = IPv4Address("10.0.10.99")
    vpn.a.config.of(IsakmpConfig).add_key(PresharedKey("TEST1", IPv4Network(dead)))
    vpn.a.config.of(CryptoMapsConfig).maps["CMAP"].entries[10].peers = [dead, B]
    vpn.apply()
    vpn.ping(1)
    vpn.run(120)
    assert vpn.ping(3) >= 2
    assert {pair.peer for pair in vpn.a.service(CryptoEngine).sadb} == {B}


def test_sessions_are_announced():
    vpn = Vpn()
    configure(vpn.a, "crypto logging session\n")
    vpn.up()
    vpn.ping(2, interval=3590)  # a renewal is no news
    vpn.a.service(CryptoEngine).clear()
    said = [text for text in vpn.log(vpn.a) if "SESSION_STATUS" in text]
    assert said == [
        f"%CRYPTO-5-SESSION_STATUS: Crypto tunnel is {state}.  Peer 10.0.10.20:500       Id: 10.0.10.20"
        for state in ("UP  ", "DOWN")
    ]


def test_a_packet_every_ten_minutes_for_a_day():
    vpn = Vpn().up()
    assert sum(vpn.ping(1, interval=600) for _ in range(144)) == 144
    assert vpn.flow(vpn.a).counters.send_errors == 1  # the one that brought the tunnel up


def test_a_day_of_rekeys():
    vpn = Vpn()
    for router in (vpn.a, vpn.b):
        router.config.of(IpsecConfig).lifetime_seconds = 600
        router.config.of(IsakmpConfig).policies[10].lifetime = 7200
    vpn.up()
    lost = sum(10 - vpn.ping(10, interval=60) for _ in range(12))
    assert lost == 0
    assert len(vpn.a.service(CryptoEngine).sadb) <= 2
