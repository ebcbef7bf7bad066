"""IKEv2 of two routers: crypto maps and tunnels, renewals under traffic, liveness, refusals, what is shown."""

from __future__ import annotations

import pytest
from crypto_vpn import WAN, A, B, Vpn
from typed import configure

from iosemu.subjects.crypto.service.engine import CryptoEngine

BASE = """crypto ikev2 keyring KR
 peer FAR
  address {peer}
  pre-shared-key {key}
crypto ikev2 profile P
 match identity remote address {peer}
 authentication remote pre-share
 authentication local pre-share
 keyring local KR
"""
IN_MAP = """crypto map CMAP 10 ipsec-isakmp
 set ikev2-profile P
"""
TUNNEL = """crypto ipsec profile IP
 set transform-set TSET
 set ikev2-profile P
interface Tunnel0
 ip address 172.16.0.{host} 255.255.255.252
 tunnel source FastEthernet0/0
 tunnel destination {peer}
 tunnel mode {mode}
 tunnel protection ipsec profile IP
ip route {far} 255.255.255.0 Tunnel0
"""


def both(vpn: Vpn, text: str, **more: str) -> Vpn:
    """Type the same into both, with the other's address."""
    ends = ((vpn.a, B, 1, "192.168.2.0"), (vpn.b, A, 2, "192.168.1.0"))
    for router, peer, host, far in ends:
        configure(router, text.format(peer=peer, host=host, far=far, **more))
    return vpn


def with_map(extra: str = "", key: str = "cisco123") -> Vpn:
    vpn = both(Vpn(), BASE + IN_MAP, key=key)
    if extra:
        both(vpn, extra)
    vpn.apply()
    return vpn


def sas(router):
    return list(router.service(CryptoEngine).ikev2.engine.sas)


def pairs(router):
    return list(router.service(CryptoEngine).sadb)


def test_a_crypto_map_is_negotiated_by_ikev2():
    vpn = with_map()
    vpn.ping(2)
    assert vpn.ping(4) == 4
    for router in (vpn.a, vpn.b):
        (sa,) = sas(router)
        assert sa.up
        assert sa.profile == "P"
        (pair,) = pairs(router)
        assert pair.ike_version == 2
        assert not list(router.service(CryptoEngine).ike.sas)


@pytest.mark.parametrize("mode", ["ipsec ipv4", "gre ip"])
def test_tunnels_come_up_by_themselves_or_with_traffic(mode):
    vpn = Vpn()
    both(vpn, "no ip route {far} 255.255.255.0")
    both(vpn, BASE + TUNNEL, key="k", mode=mode)
    vpn.run(10)
    assert vpn.ping(2) >= 1
    assert vpn.ping(4) == 4
    (pair,) = pairs(vpn.a)
    expected = "0.0.0.0/0" if mode == "ipsec ipv4" else f"{A}/32"
    assert str(pair.selector.local) == expected
    assert sas(vpn.a)[0].up


@pytest.mark.parametrize("pfs", ["", " set pfs group14\n"])
def test_renewals_lose_no_packet(pfs):
    extra = "crypto ipsec security-association lifetime seconds 120\n"
    vpn = with_map(extra + (f"crypto map CMAP 10 ipsec-isakmp\n{pfs}" if pfs else ""))
    vpn.ping(3)
    (before,) = pairs(vpn.a)
    assert vpn.ping(150, 1.0) == 150
    assert before not in pairs(vpn.a)
    assert len(pairs(vpn.a)) == len(pairs(vpn.b)) == 1
    for router in (vpn.a, vpn.b):
        assert len(sas(router)) == 1
    if pfs:
        assert pairs(vpn.a)[0].pfs_group == 14


def test_the_ike_sa_is_renewed_under_traffic():
    vpn = with_map("crypto ikev2 profile P\n lifetime 120\n")
    vpn.ping(3)
    (before,) = sas(vpn.a)
    assert vpn.ping(130, 1.0) == 130
    (after,) = sas(vpn.a)
    assert after is not before
    assert after.session == before.session
    assert len(pairs(vpn.a)) == 1


@pytest.mark.parametrize("who", ["a", "b"])
def test_clear_ends_both_sides_and_the_next_packet_begins_anew(who):
    vpn = with_map()
    vpn.ping(3)
    getattr(vpn, who).service(CryptoEngine).clear_ikev2()
    vpn.run(1)
    for router in (vpn.a, vpn.b):
        assert not sas(router)
        assert not pairs(router)
    vpn.ping(2)
    assert vpn.ping(3) == 3


@pytest.mark.parametrize("who", ["a", "b"])
def test_clear_crypto_sa_tells_the_peer(who):
    vpn = with_map()
    vpn.ping(3)
    getattr(vpn, who).service(CryptoEngine).clear()
    vpn.run(1)
    assert not pairs(vpn.a)
    assert not pairs(vpn.b)
    vpn.ping(2)
    assert vpn.ping(3) == 3


@pytest.mark.parametrize("mode", ["periodic", "on-demand"])
def test_a_dead_peer_is_found_and_its_return_too(mode):
    vpn = with_map(f"crypto ikev2 profile P\n dpd 10 3 {mode}\n")
    vpn.ping(3)
    vpn.wan.admin_down = True
    configure(vpn.b, f"interface {WAN}\n shutdown")
    vpn.ping(40, 2.0)
    assert not pairs(vpn.a)
    configure(vpn.b, f"interface {WAN}\n no shutdown")
    vpn.wan.admin_down = False
    vpn.run(40)
    vpn.ping(3, 20)
    assert vpn.ping(4) == 4


def test_wrong_key():
    vpn = with_map()
    configure(vpn.b, BASE.format(peer=A, key="other"))
    assert vpn.ping(5) == 0
    assert not sas(vpn.a)
    assert not pairs(vpn.b)


def test_wrong_identity():
    vpn = with_map()
    configure(vpn.a, "crypto ikev2 profile P\n identity local fqdn a.example.com")
    assert vpn.ping(3) == 0
    configure(vpn.b, "crypto ikev2 profile P\n match identity remote fqdn domain example.com")
    vpn.run(60)
    vpn.ping(2)
    assert vpn.ping(3) == 3
    assert str(sas(vpn.b)[0].peer_identity) == "a.example.com"


def test_no_common_proposal():
    vpn = with_map()
    one = "crypto ikev2 proposal X\n encryption aes-cbc-128\n integrity sha256\n group {}\n"
    policy = "crypto ikev2 policy X\n proposal X"
    configure(vpn.a, one.format(14) + policy)
    configure(vpn.b, one.format(19) + policy)
    assert vpn.ping(3) == 0
    assert not sas(vpn.a)
    configure(vpn.b, one.format("19 14"))
    vpn.run(60)
    vpn.ping(2)
    assert vpn.ping(3) == 3
    assert sas(vpn.a)[0].suite.group == 14


def test_transform_sets_that_differ_leave_no_sa():
    vpn = with_map()
    configure(vpn.b, "crypto ipsec transform-set TSET esp-3des esp-md5-hmac")
    assert vpn.ping(3) == 0
    assert not sas(vpn.a)
    assert not pairs(vpn.b)


def test_an_ikev1_peer_is_not_taken_by_an_entry_of_ikev2():
    vpn = Vpn()
    configure(vpn.a, BASE.format(peer=B, key="k") + IN_MAP)
    vpn.apply()
    assert vpn.ping(3) == 0
    crypto = vpn.b.service(CryptoEngine)
    entry = next(iter(crypto.policy.map_of(WAN).entries.values()))
    (_, selector), *_ = crypto.policy.permits(entry)
    assert crypto.negotiate(crypto.flow(WAN, entry, selector))
    vpn.run(30)
    assert not pairs(vpn.a)
    assert not pairs(vpn.b)


def test_removing_the_map_ends_the_sas():
    vpn = with_map()
    vpn.ping(3)
    configure(vpn.a, f"interface {WAN}\n no crypto map")
    vpn.run(2)
    assert not pairs(vpn.a)
    assert not pairs(vpn.b)
    assert not sas(vpn.b)


def test_gcm_and_asymmetric_keys():
    vpn = Vpn()
    suite = (
        "crypto ikev2 proposal G\n encryption aes-gcm-256\n prf sha384\n group 19\n"
        "crypto ikev2 policy G\n proposal G\ncrypto ipsec transform-set TSET esp-gcm 256\n"
    )
    both(vpn, suite + BASE + IN_MAP, key="k")
    keys = "crypto ikev2 keyring KR\n peer FAR\n  pre-shared-key local {}\n  pre-shared-key remote {}\n"
    configure(vpn.a, keys.format("one", "two"))
    configure(vpn.b, keys.format("two", "one"))
    vpn.apply()
    vpn.ping(2)
    assert vpn.ping(3) == 3
    assert sas(vpn.a)[0].suite.encr.name == "AES_GCM_16"


def test_a_dynamic_map_answers_a_peer_that_nobody_knows():
    vpn = Vpn()
    both(vpn, BASE, key="k")
    configure(vpn.a, IN_MAP)
    dynamic = "crypto dynamic-map DYN 10\n set transform-set TSET\n set ikev2-profile P\n"
    configure(vpn.b, dynamic + "no crypto map CMAP 10\ncrypto map CMAP 20 ipsec-isakmp dynamic DYN")
    vpn.apply()
    vpn.ping(2)
    assert vpn.ping(3) == 3
    (pair,) = pairs(vpn.b)
    assert str(pair.selector.remote) == "192.168.1.0/24"
    vpn.a.service(CryptoEngine).clear_ikev2()
    vpn.run(2)
    assert not pairs(vpn.b)
    assert not vpn.b.service(CryptoEngine).flows


def test_the_next_peer_has_its_turn():
    vpn = with_map()
    configure(
        vpn.a,
        "crypto map CMAP 10 ipsec-isakmp\n no set peer 10.0.10.20\n set peer 10.0.10.99\n set peer 10.0.10.20",
    )
    vpn.ping(60, 2.0)
    assert vpn.ping(3) == 3


def test_sessions_are_logged():
    vpn = with_map("crypto logging session\ncrypto logging ikev2\n")
    vpn.ping(3)
    vpn.b.service(CryptoEngine).clear_ikev2()
    vpn.run(1)
    told = [line for line in vpn.log(vpn.a) if "SESSION_STATUS" in line or "%IKEV2" in line]
    assert [line.partition("%")[2].partition(":")[0] for line in told] == [
        "IKEV2-5-SA_UP",
        "CRYPTO-5-SESSION_STATUS",
        "CRYPTO-5-SESSION_STATUS",
        "IKEV2-5-SA_DOWN",
    ]
    assert "Crypto tunnel is UP  .  Peer 10.0.10.20:500       Id: 10.0.10.20" in told[1]
