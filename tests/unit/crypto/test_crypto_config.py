"""What is typed comes back as it stood, and what is shown is what is there."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from crypto_vpn import Vpn
from hypothesis import given
from hypothesis import strategies as st

from iosemu.handling import resolve
from iosemu.handling.context import Context
from iosemu.ike.types import Authentication, Hash
from iosemu.ip.config import IpSettings
from iosemu.parser.loader import Grammar
from iosemu.parser.renderer import Renderer
from iosemu.parser.results import Match
from iosemu.parser.situation import Situation
from iosemu.subjects.crypto import running
from iosemu.subjects.crypto.commands import ipsec, isakmp
from iosemu.subjects.crypto.config.ipsec import (
    TransformError,
    TransformSet,
    proposal_of,
    transform_names,
)
from iosemu.subjects.crypto.config.isakmp import Policy, PolicyEncryption
from iosemu.subjects.crypto.service.engine import CryptoEngine
from iosemu.subjects.crypto.show import engine as crypto_engine
from iosemu.subjects.crypto.show import maps as crypto_map_show
from iosemu.subjects.crypto.show import session as crypto_session

GRAMMAR = Path(__file__).parents[3] / "grammar"


@pytest.fixture(scope="module")
def grammar():
    return Grammar.load([GRAMMAR], resolve_class=resolve.edited, resolve_handler=resolve.handler)


policies = st.builds(
    Policy,
    st.just(10),
    st.sampled_from(PolicyEncryption),
    st.sampled_from(Hash),
    st.sampled_from([each for each in Authentication if not each.extended]),
    st.sampled_from([1, 2, 5, 14, 15, 16, 19, 20, 21, 24]),
    st.integers(60, 86400),
)


@given(policy=policies)
def test_a_policy_comes_back_from_its_text(grammar, policy):
    mode = grammar.modes["config-isakmp"]
    read = Policy(10)
    for line in mode.render(policy):
        match = mode.match(line, Situation(version="15.1"))
        assert isinstance(match, Match), line
        setattr(
            read,
            match.command.set,
            match.command.rule.value(match.words, match.arguments, match.negated, match.defaulted),
        )
    assert read == policy


def test_defaults_are_hidden(grammar):
    assert grammar.modes["config-isakmp"].render(Policy(10)) == []


@pytest.mark.parametrize(
    ("image", "key"),
    [
        ("15.1", "crypto isakmp key TEST1 address 10.0.10.20     "),
        ("12.4", "crypto isakmp key TEST1 address 10.0.10.20"),
        ("packet-tracer", "crypto isakmp key TEST1 address 10.0.10.20"),
    ],
)
def test_running_config(grammar, image, key):
    router = Vpn(image).a
    assert running.isakmp_lines(router, Renderer(grammar)) == [
        "crypto isakmp policy 10",
        " encr aes 256",
        " authentication pre-share",
        " group 2",
        key,
    ]
    assert running.ipsec_lines(router, Renderer(grammar)) == [
        "crypto ipsec transform-set TSET esp-aes esp-sha-hmac "
    ]
    assert running.map_lines(router, Renderer(grammar)) == [
        "crypto map CMAP 10 ipsec-isakmp ",
        " set peer 10.0.10.20",
        " set transform-set TSET ",
        " match address 101",
    ]


@pytest.mark.parametrize(
    "transforms",
    [
        ("esp-sha-hmac",),
        ("esp-des", "esp-aes"),
        ("esp-null",),
        ("esp-gcm", "esp-sha-hmac"),
        ("esp-aes", "comp-lzs"),
        (),
    ],
)
def test_transforms_that_do_not_go_together(transforms):
    with pytest.raises(TransformError):
        proposal_of(transforms)


def test_shows_put_the_key_size_in_the_middle():
    transforms = TransformSet("T", ("ah-sha-hmac", "esp-aes 256", "esp-sha-hmac"))
    assert transform_names(transforms.proposal()) == ["ah-sha-hmac", "esp-256-aes", "esp-sha-hmac"]


def shown(lines) -> list[str]:
    return [lines] if isinstance(lines, str) else list(lines)


def test_show_crypto_isakmp_sa_by_image():
    for image, expected in {
        "15.1": "10.0.10.20      10.0.10.10      QM_IDLE           1001 ACTIVE",
        "12.4": "10.0.10.20      10.0.10.10      QM_IDLE           1001    0 ACTIVE",
    }.items():
        vpn = Vpn(image).up()
        for router in (vpn.a, vpn.b):
            assert expected in shown(isakmp.show_sa(Context(router, None, None)))


def test_show_crypto_ipsec_sa_reads_the_live_tunnel():
    vpn = Vpn("15.1").up()
    lines = shown(ipsec.show_sa(Context(vpn.a, None, None)))
    (pair,) = vpn.a.service(CryptoEngine).sadb
    spi = pair.outbound[0].spi
    encaps = vpn.flow(vpn.a).counters.encaps
    assert f"    #pkts encaps: {encaps}, #pkts encrypt: {encaps}, #pkts digest: {encaps}" in lines
    assert f"     current outbound spi: 0x{spi:X}({spi})" in lines
    wan = "FastEthernet0/0"
    assert f"     plaintext mtu 1438, path mtu 1500, ip mtu 1500, ip mtu idb {wan}" in lines
    assert "        replay detection support: Y" in lines


def test_a_flow_is_shown_before_its_first_packet():
    vpn = Vpn("12.4")
    vpn.apply()
    lines = shown(ipsec.show_sa(Context(vpn.a, None, None)))
    assert "     current outbound spi: 0x0(0)" in lines
    assert lines.count("     inbound esp sas:") == 1


def test_the_other_shows_follow_the_state(grammar):
    vpn = Vpn("15.1")
    context = Context(vpn.a, None, SimpleNamespace(render=Renderer(grammar)))
    vpn.apply()
    assert "Session status: DOWN          " in shown(crypto_session.show_session(context))
    vpn.ping(3)
    assert "Session status: UP-ACTIVE     " in shown(crypto_session.show_session(context))
    assert "        Active SAs: 2, origin: crypto map" in shown(
        crypto_session.show_session(context, detail=True)
    )
    active = shown(crypto_engine.show_connections_active(context))
    assert any("AES+SHA" in line for line in active)
    assert any("SHA+AES256" in line for line in active)
    assert "\tInterfaces using crypto map CMAP:" in shown(crypto_map_show.show_map(context))
    assert shown(isakmp.show_peers(context)) == [
        "Peer: 10.0.10.20 Port: 500 Local: 10.0.10.10",
        " Phase1 id: 10.0.10.20",
    ]
    vpn.a.service(CryptoEngine).clear_isakmp()
    assert "Session status: UP-NO-IKE     " in shown(crypto_session.show_session(context))


def test_key_with_an_address_that_has_one_is_refused():
    vpn = Vpn()
    answer = isakmp.key_address(
        Context(vpn.a, None, None),
        "OTHER",
        vpn.b.config.interfaces["FastEthernet0/0"].of(IpSettings).address.ip,
    )
    assert answer == "A pre-shared key for address mask 10.0.10.20 255.255.255.255 already exists!"
