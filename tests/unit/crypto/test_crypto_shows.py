"""The shows about crypto engines, sessions and keys, with all their options."""

from ipaddress import IPv4Address

import pytest
from crypto_vpn import A, B, Vpn
from typed import configure, session

from iosemu.handling.context import Context
from iosemu.subjects.crypto.commands import ipsec, isakmp
from iosemu.subjects.crypto.config.maps import CryptoMapsConfig
from iosemu.subjects.crypto.service.engine import CryptoEngine
from iosemu.subjects.crypto.show import engine as crypto_engine
from iosemu.subjects.crypto.show import session as crypto_session


def shown(router, show, **arguments) -> list[str]:
    return list(show(Context(router, None, session()), **arguments))


def test_engine_tables():
    vpn = Vpn().up()
    assert shown(vpn.a, crypto_engine.show_connections_dh)[-1].startswith("1001   Used        Group 2   86")
    flow = shown(vpn.a, crypto_engine.show_connections_flow)
    assert flow[1] == "      flow_id  ah_conn_id    esp_conn_id      comp_spi"
    assert [row.split() for row in flow[2:]] == [["1", "none", "1", "none"], ["2", "none", "2", "none"]]
    eli = shown(vpn.a, crypto_engine.show_eli)
    assert eli[0] == "Hardware Encryption : ACTIVE"
    assert eli[-1] == " IPSec-Session :     2 active,  1500 max, 0 failed"
    assert "       crypto engine state:  installed" in shown(vpn.a, crypto_engine.show_brief)
    assert any("flow_id: NETGX:1" in line for line in shown(vpn.a, ipsec.show_sa))


def test_isakmp_sa_counts_and_active():
    vpn = Vpn().up()
    assert shown(vpn.a, isakmp.show_sa, count=True) == [
        "Active ISAKMP SA's: 1",
        "",
        "Standby ISAKMP SA's: 0",
        "",
        "Currently being negotiated ISAKMP SA's: 0",
        "",
        "Dead ISAKMP SA's: 0",
    ]
    vpn.a.service(CryptoEngine).clear_isakmp()
    assert shown(vpn.a, isakmp.show_sa, count=True)[-1] == "Dead ISAKMP SA's: 1"
    assert not any("1001" in line for line in shown(vpn.a, isakmp.show_sa, active=True))


def test_keys_of_all_rings():
    vpn = Vpn()
    configure(vpn.a, "crypto keyring RING\n pre-shared-key address 0.0.0.0 0.0.0.0 key ANY\n")
    assert shown(vpn.a, isakmp.show_key)[2:] == [
        f"{'default':<13}{'10.0.10.20':<44}TEST1",
        f"{'RING':<13}{'0.0.0.0        [0.0.0.0        ]':<44}ANY",
    ]


def test_sessions():
    vpn = Vpn().up()
    detail = shown(vpn.a, crypto_session.show_session, detail=True)
    assert "          Capabilities:(none) connid:1001 lifetime:23:59:54" in detail
    assert "Uptime: 00:00:05" in detail
    assert shown(vpn.a, crypto_session.show_session, remote=True, address=A) == [
        "Crypto session current status",
        "",
    ]
    (row,) = shown(vpn.a, crypto_session.show_session, brief=True)[4:]
    assert row.split() == [str(B), "Fa0/0", str(B), "00:00:05", "UA"]


def test_ipsec_sa_filters():
    vpn = Vpn().up()
    assert shown(vpn.a, ipsec.show_sa, peer=True, endpoint=A) == []
    assert shown(vpn.a, ipsec.show_sa, map=True, map_name="OTHER") == []
    assert shown(vpn.a, ipsec.show_sa, interface=True, port="FastEthernet0/1") == []
    whole = shown(vpn.a, ipsec.show_sa)
    assert shown(vpn.a, ipsec.show_sa, peer=True, endpoint=B) == whole
    identity = shown(vpn.a, ipsec.show_sa, identity=True)
    assert not any("sas:" in line for line in identity)
    assert any("##pkts replay failed" in line for line in shown(vpn.a, ipsec.show_sa, detail=True))
    addresses = shown(vpn.a, ipsec.show_sa, address=True)
    assert [line for line in addresses if line.startswith("dest")] == [
        f"dest address: {A}",
        f"dest address: {B}",
    ]


def test_one_sa_is_cleared_by_its_spi():
    vpn = Vpn().up()
    (pair,) = vpn.a.service(CryptoEngine).sadb
    context = Context(vpn.a, None, session())
    ipsec.clear_spi(context, B, "ah", pair.outbound[0].spi)
    assert len(vpn.a.service(CryptoEngine).sadb) == 1
    ipsec.clear_spi(context, B, "esp", pair.outbound[0].spi)
    assert len(vpn.a.service(CryptoEngine).sadb) == 0


def test_a_session_lists_its_dead_isakmp_sas():
    vpn = Vpn("12.4").up()
    vpn.a.service(CryptoEngine).clear_isakmp()
    session = shown(vpn.a, crypto_session.show_session)
    assert "Session status: UP-NO-IKE     " in session
    assert f"  IKE SA: local {A}/500 remote {B}/500 Inactive " in session


def test_sessions_by_own_address():
    vpn = Vpn().up()
    context = Context(vpn.a, None, session())
    assert "Session status: UP-ACTIVE     " in shown(vpn.a, crypto_session.show_session, local=True, own=A)
    assert "Session status: UP-ACTIVE     " not in shown(
        vpn.a, crypto_session.show_session, local=True, own=B
    )
    crypto_session.clear_session(context, local=True, own=B)
    assert len(vpn.a.service(CryptoEngine).sadb) == 1
    crypto_session.clear_session(context, local=True, own=A, remote=True, address=B)
    assert len(vpn.a.service(CryptoEngine).sadb) == 0
    assert not any(sa.up for sa in vpn.a.service(CryptoEngine).ike.sas)


def test_each_of_two_peers_lists_the_line():
    vpn = Vpn()
    other = IPv4Address("10.0.10.30")
    vpn.a.config.of(CryptoMapsConfig).make("CMAP").entry(10).peers.append(other)
    vpn.up()
    shown_sas = shown(vpn.a, ipsec.show_sa)
    assert [line.split()[1] for line in shown_sas if "current_peer" in line] == ["10.0.10.20", "10.0.10.30"]
    assert [line.split()[2] for line in shown_sas if "#pkts encaps" in line] == ["2,", "0,"]
    assert sum("spi: 0x" in line and "outbound spi" not in line for line in shown_sas) == 2
    sessions = shown(vpn.a, crypto_session.show_session)
    assert [line for line in sessions if line.startswith(("Session status", "Peer"))] == [
        "Session status: UP-ACTIVE     ",
        "Peer: 10.0.10.20 port 500 ",
        "Session status: DOWN          ",
        "Peer: 10.0.10.30 port 500 ",
    ]


@pytest.mark.parametrize(("image", "flags"), [("15.1", "sibling_flags 80000040, "), ("12.4", "")])
def test_sibling_flags(image, flags):
    vpn = Vpn(image).up()
    (line,) = [each for each in shown(vpn.a, ipsec.show_sa) if "flow_id" in each][:1]
    assert f":1, {flags}crypto map: CMAP" in line


def test_the_uptime_of_a_session_and_an_unknown_peer():
    vpn = Vpn().up()
    detail = shown(vpn.a, crypto_session.show_session, detail=True)
    at = detail.index("      Phase1_id: 10.0.10.20")
    assert detail[at + 1] == "      Desc: (none)"
    vpn.a.service(CryptoEngine).clear()
    vpn.a.service(CryptoEngine).clear_isakmp()
    vpn.run(90)
    detail = shown(vpn.a, crypto_session.show_session, detail=True)
    at = detail.index("      Desc: (none)")
    assert detail[at + 1] == "      Phase1_id: (none)"
