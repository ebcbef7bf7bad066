import pytest
from crypto_vpn import LAN_A, LAN_B, WAN, B, Vpn, permit

from iosemu.ike.sa import State
from iosemu.ike.types import Hash
from iosemu.subjects.acl.config import AccessList, AclsConfig
from iosemu.subjects.crypto.config.ipsec import IpsecConfig, TransformSet
from iosemu.subjects.crypto.config.isakmp import IsakmpConfig
from iosemu.subjects.crypto.config.keyring import PresharedKey
from iosemu.subjects.crypto.config.maps import CryptoMapsConfig
from iosemu.subjects.crypto.service.engine import CryptoEngine


def states(router) -> list[State]:
    return [sa.state for sa in router.service(CryptoEngine).ike.sas if not sa.deleted]


def failed(vpn: Vpn) -> Vpn:
    vpn.apply()
    assert vpn.ping(3) == 0
    assert len(vpn.a.service(CryptoEngine).sadb) == len(vpn.b.service(CryptoEngine).sadb) == 0
    return vpn


def test_a_peer_without_crypto_leaves_mm_no_state():
    vpn = Vpn()
    vpn.apply(vpn.a)
    assert vpn.ping(3) == 0
    assert states(vpn.a) == [State.MM_NO_STATE]
    assert vpn.flow(vpn.a).counters.send_errors == 3
    vpn.run(180)
    assert list(vpn.a.service(CryptoEngine).ike.sas) == []


def test_policies_that_differ():
    vpn = Vpn()
    vpn.b.config.of(IsakmpConfig).policies[10].hash = Hash.MD5
    failed(vpn)
    assert set(states(vpn.a)) <= {State.MM_NO_STATE}


def test_a_wrong_key_stalls_in_key_exchange():
    vpn = Vpn()
    vpn.b.config.of(IsakmpConfig).keys = [
        PresharedKey("WRONG", key.network) for key in vpn.b.config.of(IsakmpConfig).keys
    ]
    failed(vpn)
    assert State.MM_KEY_EXCH in states(vpn.a)
    assert any("IKMP_BAD_MESSAGE" in line for line in vpn.log(vpn.b))


def test_no_key_for_the_peer_fails_at_once():
    vpn = Vpn()
    vpn.a.config.of(IsakmpConfig).keys.clear()
    failed(vpn)
    assert states(vpn.a) == []


@pytest.mark.parametrize("fault", ["transform", "identity", "pfs"])
def test_phase_2_faults_leave_qm_idle(fault):
    vpn = Vpn()
    if fault == "transform":
        vpn.b.config.of(IpsecConfig).transform_sets["TSET"] = TransformSet(
            "TSET", ("esp-3des", "esp-md5-hmac")
        )
    elif fault == "identity":
        acl = vpn.b.config.of(AclsConfig).lists["101"] = AccessList("101", extended=True)
        acl.add(permit(LAN_B, next(LAN_A.subnets())))
    else:
        vpn.b.config.of(CryptoMapsConfig).maps["CMAP"].entries[10].pfs_group = 2
    failed(vpn)
    assert State.QM_IDLE in states(vpn.a)
    assert State.QM_IDLE in states(vpn.b)
    assert vpn.flow(vpn.a).counters.send_errors == 3


def test_pfs_only_on_the_initiator_is_accepted():
    vpn = Vpn()
    vpn.a.config.of(CryptoMapsConfig).maps["CMAP"].entries[10].pfs_group = 2
    vpn.up()
    assert [pair.pfs_group for pair in vpn.b.service(CryptoEngine).sadb] == [2]


def test_a_narrower_offer_is_accepted_by_a_broader_line():
    vpn = Vpn()
    acl = vpn.a.config.of(AclsConfig).lists["101"] = AccessList("101", extended=True)
    acl.add(permit(next(LAN_A.subnets()), LAN_B))
    vpn.up()
    assert vpn.ping(2) == 2
    (pair,) = vpn.b.service(CryptoEngine).sadb
    assert pair.selector.remote == next(LAN_A.subnets())


def test_clear_packets_that_should_be_encrypted_are_dropped():
    vpn = Vpn()
    vpn.ping(2)
    vpn.apply(vpn.b)
    assert vpn.ping(2) == 0
    messages = [line for line in vpn.log(vpn.b) if "RECVD_PKT_NOT_IPSEC" in line]
    assert messages == [
        "%CRYPTO-4-RECVD_PKT_NOT_IPSEC: Rec'd packet not an IPSEC packet. (ip) "
        "vrf/dest_addr= /192.168.2.1, src_addr= 192.168.1.1, prot= 1"
    ]


def test_a_lost_sa_is_reported_as_invalid_spi():
    vpn = Vpn().up()
    (pair,) = vpn.b.service(CryptoEngine).sadb
    vpn.b.service(CryptoEngine).remove_pair(pair, tell_peer=False)
    spi = pair.inbound[0].spi
    assert vpn.ping(2) == 0
    expected = (
        "%CRYPTO-4-RECVD_PKT_INV_SPI: decaps: rec'd IPSEC packet has invalid spi for "
        f"destaddr={B}, prot=50, spi=0x{spi:X}({spi}), srcaddr=10.0.10.10"
    )
    assert vpn.log(vpn.b).count(expected) == 1


def test_a_repeated_packet_is_counted_and_dropped():
    vpn = Vpn().up()
    frames: list[bytes] = []
    vpn.a.ports[WAN].taps.append(lambda direction, frame: frames.append(frame))
    vpn.ping(1)
    esp = next(frame for frame in frames if frame[23] == 50)
    vpn.a.ports[WAN].link.carry(vpn.a.ports[WAN], esp)
    vpn.run(1)
    counters = vpn.flow(vpn.b).counters
    assert (counters.receive_errors, counters.replay_failed) == (1, 1)
    assert any("PKT_REPLAY_ERR" in line for line in vpn.log(vpn.b))


def test_a_damaged_packet_is_counted_and_dropped():
    vpn = Vpn().up()
    frames: list[bytes] = []
    vpn.a.ports[WAN].taps.append(lambda direction, frame: frames.append(frame))
    vpn.ping(1)
    esp = bytearray(next(frame for frame in frames if frame[23] == 50))
    esp[41] += 100
    esp[-1] ^= 1
    vpn.a.ports[WAN].link.carry(vpn.a.ports[WAN], bytes(esp))
    vpn.run(1)
    counters = vpn.flow(vpn.b).counters
    assert (counters.receive_errors, counters.verify_failed) == (1, 1)
    assert any("RECVD_PKT_MAC_ERR" in line for line in vpn.log(vpn.b))
