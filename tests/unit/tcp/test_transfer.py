"""Bytes through a bad wire: all of them, in order, in bounded memory."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv6Address

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iosemu.tcp import State, TcpConfig
from tests.unit.tcp.pair import Pair, Wire

BIG = TcpConfig(mss=1460, window=65535, send_buffer=65536)


def test_ten_megabytes_through_loss_and_reordering() -> None:
    pair = Pair(seed=1, config=BIG, wire=Wire(loss=0.01, reordering=0.02, duplication=0.005))
    pair.record = False
    ours, theirs = pair.open()
    data = pair.random.randbytes(10_000_000)
    got = pair.transfer(ours, theirs, data)
    assert got == data
    assert pair.held <= 65536
    statistics = pair.client.statistics
    assert statistics.fast_retransmitted > 0
    assert statistics.data_retransmitted < statistics.data / 10
    theirs.close(pair.now)
    pair.run(3 * 60)
    assert not len(pair.client)
    assert not len(pair.server)


def test_small_window_of_ios() -> None:
    pair = Pair(seed=2, wire=Wire(loss=0.01))
    ours, theirs = pair.open()
    data = pair.random.randbytes(200_000)
    assert pair.transfer(ours, theirs, data) == data


def test_window_scaling_lifts_the_limit() -> None:
    config = replace(BIG, window=1_000_000, window_shift=5, send_buffer=1_000_000)
    pair = Pair(config=config, wire=Wire(delay=0.5))
    ours, theirs = pair.open()
    assert ours.scaling
    assert theirs.scaling
    data = pair.random.randbytes(5_000_000)
    start = pair.now
    assert pair.transfer(ours, theirs, data) == data
    assert ours.sender.max_window > 900_000
    # One window of 65,535 octets a second could not do this.
    assert len(data) / (pair.now - start) > 100_000


def test_no_scaling_unless_both_want_it() -> None:
    pair = Pair(config=replace(BIG, window_shift=3), server_config=BIG)
    ours, theirs = pair.open()
    assert not ours.scaling
    assert not theirs.scaling
    assert (ours.receiver.window_shift, ours.sender.window_shift) == (0, 0)
    data = bytes(100_000)
    assert pair.transfer(ours, theirs, data) == data


def test_over_ipv6() -> None:
    pair = Pair(
        wire=Wire(loss=0.02),
        client_address=IPv6Address("2001:db8::1"),
        server_address=IPv6Address("2001:db8::2"),
    )
    ours, theirs = pair.open()
    data = pair.random.randbytes(50_000)
    assert pair.transfer(ours, theirs, data) == data


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    seed=st.integers(0, 2**32),
    loss=st.floats(0, 0.2),
    duplication=st.floats(0, 0.2),
    reordering=st.floats(0, 0.5),
    window=st.integers(1, 20_000),
    mss=st.integers(8, 1460),
    size=st.integers(0, 5_000),
    slow=st.none() | st.integers(1, 5000),
    nagle=st.booleans(),
    key=st.booleans(),
)
def test_whatever_the_wire_does(
    seed: int,
    loss: float,
    duplication: float,
    reordering: float,
    window: int,
    mss: int,
    size: int,
    slow: int | None,
    nagle: bool,
    key: bool,
) -> None:
    # A lost tail must not run into the limit of retransmissions: the wire is bad, not dead.
    config = TcpConfig(
        mss=mss, window=window, send_buffer=5000, nagle=nagle, give_up=1e6, synwait=1e6, max_rto=5.0
    )
    pair = Pair(seed=seed, config=config, wire=Wire(loss, duplication, reordering))
    if key:
        pair.client.set_md5_key(pair.server_address, b"k")
        pair.server.set_md5_key(pair.client_address, b"k")
    size = min(size, 300 * min(mss, window))
    pair.server.listen(23)
    ours = pair.connect()
    while not (theirs := next(pair.server.connections(), None)) or theirs.state is not State.ESTABLISHED:
        assert pair.step()
    data = pair.random.randbytes(size)
    assert pair.transfer(ours, theirs, data, slow=slow) == data
    assert pair.held <= max(window, 5000)
    # And back: the other direction is still open.
    back = pair.random.randbytes(min(size, 2000))
    assert pair.transfer(theirs, ours, back, slow=slow) == back
    pair.run(10_000)
    assert not len(pair.client)
    assert not len(pair.server)


def test_both_directions_at_once() -> None:
    pair = Pair(seed=5, config=BIG, wire=Wire(loss=0.02, reordering=0.1))
    ours, theirs = pair.open()
    data = {ours: pair.random.randbytes(300_000), theirs: pair.random.randbytes(300_000)}
    at = {ours: 0, theirs: 0}
    got = {ours: bytearray(), theirs: bytearray()}
    other = {ours: theirs, theirs: ours}
    for _ in range(200_000):
        for end in (ours, theirs):
            at[end] += end.send(data[end][at[end] : at[end] + 10_000], pair.now)
            got[end] += end.read(pair.now)
        if all(len(got[other[end]]) == len(data[end]) for end in (ours, theirs)):
            break
        assert pair.step()
    assert all(got[other[end]] == data[end] for end in (ours, theirs))


@pytest.mark.parametrize("mss", [536, 1460])
def test_first_flight_follows_the_initial_window(mss: int) -> None:
    pair = Pair(config=replace(BIG, mss=mss))
    ours, _ = pair.open()
    ours.send(bytes(60_000), pair.now)
    first = pair.client.segments()
    assert len(first) == (4 if mss == 536 else 3)
