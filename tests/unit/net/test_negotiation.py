"""Which pairs of modes make a trunk (Cisco's table), and when."""

from __future__ import annotations

import pytest

from iosemu.net.dtp import DtpMode, DtpPort
from iosemu.packets.addresses import MacAddress

ACCESS, TRUNK, AUTO, DESIRABLE = DtpMode
OUTCOMES = {
    (AUTO, AUTO): (False, False),
    (AUTO, DESIRABLE): (True, True),
    (AUTO, TRUNK): (True, True),
    (AUTO, ACCESS): (False, False),
    (DESIRABLE, DESIRABLE): (True, True),
    (DESIRABLE, TRUNK): (True, True),
    (DESIRABLE, ACCESS): (False, False),
    (TRUNK, TRUNK): (True, True),
    (TRUNK, ACCESS): (True, False),
    (ACCESS, ACCESS): (False, False),
}


def run(a: DtpPort, b: DtpPort, start: float, end: float) -> None:
    now = start
    while now <= end:
        for port in (a, b):
            if (timer := port.next_timer()) is not None and timer <= now:
                port.tick(now)
        while packets := [(b, p) for p in a.packets()] + [(a, p) for p in b.packets()]:
            for receiver, packet in packets:
                receiver.receive(packet, now)
        now += 1.0


def pair(mode_a: DtpMode, mode_b: DtpMode, **options: object) -> tuple[DtpPort, DtpPort]:
    a = DtpPort(MacAddress.from_int(1), mode_a, **options)  # type: ignore[arg-type]
    b = DtpPort(MacAddress.from_int(2), mode_b)
    a.link_up(0.0)
    b.link_up(0.0)
    run(a, b, 0.0, 5.0)
    return a, b


@pytest.mark.parametrize(("modes", "trunks"), OUTCOMES.items())
def test_outcomes(modes, trunks):
    a, b = pair(*modes)
    assert (a.trunking, b.trunking) == trunks
    b, a = pair(*reversed(modes))
    assert (a.trunking, b.trunking) == trunks


def test_nonegotiate_is_silent():
    a, b = pair(TRUNK, DESIRABLE, nonegotiate=True)
    assert a.trunking
    assert not b.trunking


def test_other_vtp_domain():
    a = DtpPort(MacAddress.from_int(1), DESIRABLE, domain="one")
    b = DtpPort(MacAddress.from_int(2), DESIRABLE, domain="two")
    a.link_up(0.0)
    b.link_up(0.0)
    run(a, b, 0.0, 40.0)
    assert not a.trunking


def test_a_silent_neighbor_is_forgotten():
    a, _b = pair(DESIRABLE, AUTO)
    a.tick(310.0)
    assert not a.trunking


def test_a_port_turned_to_access_takes_the_other_along():
    a, b = pair(DESIRABLE, AUTO)
    a.configure(ACCESS, False, 10.0)
    run(a, b, 10.0, 12.0)
    assert not b.trunking
