"""A configuration typed through the grammar comes back line by line, and types in again."""

from pathlib import Path

import pytest
from crypto_vpn import WAN, Vpn

from iosemu.handling import resolve
from iosemu.parser.loader import Grammar
from iosemu.parser.renderer import Renderer
from iosemu.shell.loader import load
from iosemu.subjects.crypto import running
from iosemu.subjects.crypto.config.ipsec import IpsecConfig
from iosemu.subjects.crypto.config.isakmp import IsakmpConfig
from iosemu.subjects.crypto.config.maps import CryptoMapBinding, CryptoMapsConfig
from iosemu.subjects.crypto.service.engine import CryptoEngine

GRAMMAR = Path(__file__).parents[3] / "grammar"
TEXT = """\
crypto isakmp policy 5
 encr 3des
 hash md5
 authentication pre-share
 group 5
 lifetime 3600
crypto isakmp policy 10
 encr aes 256
 authentication pre-share
 group 2
crypto isakmp key TEST1 address 10.0.10.20
crypto isakmp key OTHER address 172.16.0.0 255.255.0.0
crypto isakmp key ANY address 0.0.0.0 0.0.0.0 no-xauth
crypto isakmp key NAMED hostname peer.example
crypto isakmp keepalive 10 3 periodic
crypto ipsec security-association lifetime kilobytes 2560
crypto ipsec security-association lifetime seconds 1800
crypto ipsec transform-set TSET esp-aes esp-sha-hmac\x20
crypto ipsec transform-set STRONG ah-sha-hmac esp-aes 256 esp-md5-hmac\x20
 mode transport
crypto map CMAP 10 ipsec-isakmp\x20
 description to the branch
 set peer 10.0.10.20
 set peer 10.0.10.30
 set security-association lifetime seconds 600
 set transform-set STRONG TSET\x20
 set pfs group2
 match address 101
!
crypto map CMAP 20 ipsec-isakmp\x20
 ! Incomplete
 set peer 10.0.10.40
"""


@pytest.fixture(scope="module")
def grammar():
    return Grammar.load([GRAMMAR], resolve.handler, resolve.edited)


def text_of(router, grammar) -> str:
    parts = (running.isakmp_lines, running.ipsec_lines, running.map_lines)
    return "\n".join(line for part in parts for line in part(router, Renderer(grammar))) + "\n"


@pytest.mark.parametrize("image", ["packet-tracer", "12.4", "15.1"])
def test_text_in_text_out(grammar, image):
    router = Vpn(image).a
    router.boot()
    assert load(router, grammar, TEXT) == []
    shown = text_of(router, grammar)
    if image != "15.1":
        assert shown == TEXT
    again = Vpn(image).b
    again.boot()
    assert load(again, grammar, shown) == []
    assert again.config.of(IsakmpConfig) == router.config.of(IsakmpConfig)
    assert again.config.of(IpsecConfig) == router.config.of(IpsecConfig)
    assert again.config.of(CryptoMapsConfig) == router.config.of(CryptoMapsConfig)


def test_a_router_is_configured_by_typing(grammar):
    vpn = Vpn("packet-tracer")
    for router, peer in ((vpn.a, "10.0.10.20"), (vpn.b, "10.0.10.10")):
        router.config.of(CryptoMapsConfig).maps.clear()
        lines = f"""\
crypto map CMAP 10 ipsec-isakmp
 set peer {peer}
 match address 101
 set transform-set TSET
interface {WAN}
 crypto map CMAP
"""
        assert load(router, grammar, lines) == []
    assert vpn.ping(4) == 2
    assert load(vpn.a, grammar, f"interface {WAN}\n no crypto map CMAP\n") == []
    assert len(vpn.a.service(CryptoEngine).sadb) == 0


def test_refusals_are_told(grammar):
    vpn = Vpn()
    (error,) = load(vpn.a, grammar, "crypto ipsec transform-set BAD esp-null")
    assert "authenticator" in error.messages[0]
    (error,) = load(vpn.a, grammar, f"interface {WAN}\n crypto map NONE\n")
    assert error.messages[0] == 'ERROR: Crypto Map with tag "NONE" does not exist.'
    assert (error.number, vpn.a.config.interfaces[WAN].of(CryptoMapBinding).name) == (2, None)


def test_removal(grammar):
    router = Vpn("12.4").a
    assert load(router, grammar, "no crypto map CMAP\nno crypto ipsec transform-set TSET\n") == []
    lines = "no crypto isakmp policy 10\nno crypto isakmp key TEST1 address 10.0.10.20\n"
    assert load(router, grammar, lines) == []
    assert text_of(router, grammar).strip() == ""
