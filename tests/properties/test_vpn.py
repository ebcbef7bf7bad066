"""Whole routers: configurations that fit always make a tunnel, one difference fails as IOS fails."""

from __future__ import annotations

import sys
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from iosemu.subjects.crypto.service.engine import CryptoEngine

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "crypto"))

from crypto_vpn import WAN, Vpn
from typed import configure

from iosemu.ike.sa import State

encryptions = st.sampled_from(["des", "3des", "aes", "aes 192", "aes 256"])
hashes = st.sampled_from(["md5", "sha", "sha256", "sha384", "sha512"])
groups = st.sampled_from([1, 2, 19, 20])
suites = st.tuples(encryptions, hashes, groups)
ciphers = st.sampled_from(
    ["esp-des", "esp-3des", "esp-aes", "esp-aes 192", "esp-aes 256", "esp-null"],
)
authenticators = st.sampled_from(
    ["esp-md5-hmac", "esp-sha-hmac", "esp-sha256-hmac", "esp-sha384-hmac", "esp-sha512-hmac"],
)
headers = st.sampled_from(["", "ah-md5-hmac ", "ah-sha-hmac ", "ah-sha256-hmac "])
transforms = st.one_of(
    st.tuples(headers, ciphers, authenticators).map(lambda each: f"{each[0]}{each[1]} {each[2]}"),
    st.sampled_from(["esp-gcm", "esp-gcm 256", "esp-gmac", "ah-sha-hmac", "esp-aes"]),
)


def policy(number: int, suite: tuple[str, str, int]) -> str:
    encryption, digest, group = suite
    return (
        f"crypto isakmp policy {number}\n encr {encryption}\n hash {digest}\n authentication pre-share\n"
        f" group {group}\n"
    )


def transform(words: str) -> str:
    return f"crypto ipsec transform-set TSET {words}\n"


@settings(deadline=None, max_examples=25)
@given(
    st.lists(suites, max_size=2),
    st.lists(suites, max_size=2),
    suites,
    transforms,
    st.sampled_from([None, 2, 19]),
    st.booleans(),
    st.integers(120, 4000),
)
def test_routers_that_fit_make_a_tunnel(one, two, common, words, pfs, per_host, seconds) -> None:
    vpn = Vpn()
    for router, others in ((vpn.a, one), (vpn.b, two)):
        text = "no crypto isakmp policy 10\n"
        for number, suite in enumerate([*others, common], 1):
            text += policy(number, suite)
        text += transform(words)
        if pfs is not None:
            text += f"crypto map CMAP 10\n set pfs group{pfs}\n"
        configure(router, text)
    configure(vpn.a, f"crypto ipsec security-association lifetime seconds {seconds}\n")
    if per_host:
        configure(vpn.a, "crypto map CMAP 10\n set security-association level per-host\n")
    vpn.apply()
    assert vpn.ping(4) >= 1
    assert vpn.ping(2) == 2
    lifetimes = {
        pair.lifetime_seconds for router in (vpn.a, vpn.b) for pair in router.service(CryptoEngine).sadb
    }
    assert lifetimes == {min(seconds, 3600)}
    assert vpn.log(vpn.b).count("%CRYPTO-4-RECVD_PKT_INV_SPI") == 0


DIFFERENCES = {
    "encryption": ("crypto isakmp policy 10\n encr 3des\n", State.MM_NO_STATE, "Main mode failed"),
    "hash": ("crypto isakmp policy 10\n hash md5\n", State.MM_NO_STATE, "Main mode failed"),
    "group": ("crypto isakmp policy 10\n group 5\n", State.MM_NO_STATE, "Main mode failed"),
    "method": ("crypto isakmp policy 10\n authentication rsa-sig\n", State.MM_NO_STATE, "Main mode failed"),
    "no key": ("no crypto isakmp key TEST1 address 10.0.10.10\n", State.MM_NO_STATE, "Main mode failed"),
    "key": (
        "no crypto isakmp key TEST1 address 10.0.10.10\ncrypto isakmp key X address 10.0.10.10\n",
        State.MM_KEY_EXCH,
        "IKMP_BAD_MESSAGE",
    ),
    "transform": (transform("esp-3des esp-sha-hmac"), State.QM_IDLE, "Quick mode failed"),
    "identities": (
        "no access-list 101\naccess-list 101 permit ip 192.168.2.0 0.0.0.255 10.0.0.0 0.255.255.255\n",
        State.QM_IDLE,
        "Quick mode failed",
    ),
    "pfs": ("crypto map CMAP 10\n set pfs group5\n", State.QM_IDLE, "Quick mode failed"),
    "peer": (
        "crypto map CMAP 10\n no set peer 10.0.10.10\n set peer 10.0.10.77\n",
        State.QM_IDLE,
        "Quick mode failed",
    ),
}


@settings(deadline=None, max_examples=20)
@given(
    st.sampled_from(sorted(DIFFERENCES)),
    st.sampled_from(["12.4", "15.1", "packet-tracer"]),
    st.integers(1, 3),
)
def test_any_one_difference_fails_as_it_should(difference: str, image: str, packets: int) -> None:
    lines, state, message = DIFFERENCES[difference]
    vpn = Vpn(image)
    configure(vpn.b, lines)
    vpn.apply()
    assert vpn.ping(packets) == 0
    assert not list(vpn.a.service(CryptoEngine).sadb)
    assert not list(vpn.b.service(CryptoEngine).sadb)
    assert [sa.state for sa in vpn.a.service(CryptoEngine).ike.sas if not sa.deleted] == [state]
    assert vpn.flow(vpn.a).counters.send_errors == packets
    assert any(message in line for line in vpn.log(vpn.b))
    vpn.run(200)
    kept = [sa.state for sa in vpn.a.service(CryptoEngine).ike.sas]
    assert kept == ([State.QM_IDLE] if state is State.QM_IDLE else [])


@settings(deadline=None, max_examples=25)
@given(st.data())
def test_damage_on_the_wire_never_raises_and_is_overcome(data: st.DataObject) -> None:
    vpn = Vpn()
    vpn.ping(2)
    port = vpn.a.ports[WAN]
    carry = port.link.carry
    victim = data.draw(st.integers(0, 12))
    count = 0

    def damage(source, frame: bytes, *rest) -> None:
        nonlocal count
        count += 1
        if count == victim and len(frame) > 43:
            place = data.draw(st.integers(34, len(frame) - 1))
            changed = bytes([frame[place] ^ data.draw(st.integers(1, 255))])
            frame = frame[:place] + changed + frame[place + 1 :]
        carry(source, frame, *rest)

    port.link.carry = damage
    vpn.apply()
    vpn.ping(3)
    vpn.run(130)
    vpn.ping(2)
    assert vpn.ping(2) == 2
