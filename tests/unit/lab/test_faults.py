from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from functools import partial

import pytest
from console_client import ConsoleClient
from hypothesis import given, settings
from hypothesis import strategies as st

from iosemu.lab.lab import Lab
from iosemu.lab.snapshot import Snapshot
from iosemu.net.link import Port
from iosemu.server.clock import LabClock

CUT_OFF = bytes.fromhex("ffffffffffff0200000000018100")


@pytest.fixture(scope="module")
def booted() -> tuple[Lab, Snapshot]:
    lab = Lab.load("ipsec-vpn", seed=7)
    lab.boot()
    return lab, lab.snapshot()


@pytest.fixture
def lab(booted: tuple[Lab, Snapshot]) -> Iterator[Lab]:
    lab, snapshot = booted
    yield lab
    lab.restore(snapshot)
    lab.faults.clear()


def boom(*_: object) -> None:
    raise ZeroDivisionError("on purpose")


def pings(lab: Lab, name: str, to: str) -> str:
    session = lab.session(name)
    assert session is not None
    session.start()
    lab.clock.watch(session)
    session.receive(f"ping {to}\r".encode())
    lab.run_until(lambda: not session.waiting, 60)
    lab.clock.unwatch(session)
    return session.output().decode()


@pytest.mark.faults
def test_a_timer_that_raises_is_told_and_the_rest_goes_on(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    device = lab["R-A"]
    lab.scheduler.after(1.0, partial(boom, device))
    lab.scheduler.after(2.0, partial(boom, device))
    passed: list[float] = []
    lab.scheduler.after(3.0, lambda: passed.append(lab.scheduler.now))
    with caplog.at_level(logging.ERROR):
        lab.advance(4.0)
    assert passed
    (fault,) = lab.faults
    assert (fault.device, fault.count) == ("R-A", 2)
    assert fault.place.startswith("test_faults.py:")
    (record,) = [each for each in caplog.records if each.name == "iosemu.lab.faults"]
    assert record.exc_info is not None
    assert fault.place in record.getMessage()
    (message,) = [str(each) for each in device.syslog.messages if each.mnemonic == "FAULT"]
    assert message == f"%SYS-3-FAULT: iosemu: internal error in R-A ({fault.place}), see the lab's log"
    rows = ConsoleClient(lab).type("nodes").splitlines()
    assert [row.split()[0] for row in rows if "2 internal errors" in row] == ["R-A"]


@pytest.mark.faults
def test_a_frame_handler_that_raises_leaves_the_others_their_network(lab: Lab) -> None:
    link = lab.link("R-B:Fa0/0")
    port = lab["R-B"].ports["FastEthernet0/0"]
    receiver, port.receiver = port.receiver, boom
    try:
        link.other(port).send(bytes(6) + bytes(54))
        lab.advance(1.0)
        assert "!!!" in pings(lab, "R-A", "192.168.1.1")
    finally:
        port.receiver = receiver
    assert [fault.device for fault in lab.faults] == ["R-B"]


@pytest.mark.faults
async def test_the_clock_goes_on_after_it_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    lab = Lab.load("ipsec-vpn", seed=7)
    turn, failures = LabClock.turn, iter([True])

    def turns(clock: LabClock) -> float | None:
        if next(failures, False):
            raise RuntimeError("the clock itself")
        return turn(clock)

    monkeypatch.setattr(LabClock, "turn", turns)
    task = asyncio.create_task(lab.clock.run())
    before = lab.scheduler.now
    async with asyncio.timeout(60):
        await lab.clock.advance(100.0)
    assert lab.scheduler.now >= before + 100.0
    assert not task.done()
    task.cancel()
    assert [(fault.device, str(fault.error)) for fault in lab.faults] == [("", "the clock itself")]


async def test_a_condition_that_raises_is_for_who_waits() -> None:
    lab = Lab.load("ipsec-vpn", seed=7)
    task = asyncio.create_task(lab.clock.run())

    def condition() -> bool:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        await lab.clock.run_until(condition, 10)
    await lab.clock.advance(1.0)
    assert not task.done()
    task.cancel()
    assert not lab.faults


def ends(lab: Lab) -> list[Port]:
    return [end for link in lab.links for end in link.ends]


def test_a_tag_that_is_cut_off_is_a_runt(lab: Lab) -> None:
    for end in ends(lab):
        end.send(CUT_OFF)
    lab.advance(1.0)
    assert not lab.faults


HEADS = st.sampled_from(
    [b"\xff" * 6, bytes.fromhex("0180c2000000"), bytes.fromhex("0180c2000002"), bytes.fromhex("0180c200000e"),
     bytes.fromhex("01000ccccccc"), bytes.fromhex("01000ccccccd"), bytes.fromhex("01005e000005")]
)  # fmt: skip
TYPES = st.sampled_from(
    [b"\x81\x00", b"\x08\x00", b"\x08\x06", b"\x88\x09", b"\x88\xcc", b"\x00\x20", b"\x90\x00"]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(
    st.binary(max_size=64)
    | st.builds(lambda to, kind, rest: (to + b"\2\0\0\0\0\1" + kind + rest)[:64], HEADS, TYPES, st.binary(max_size=50)),
    min_size=1, max_size=8,
))  # fmt: skip
def test_no_short_frame_is_a_fault(booted: tuple[Lab, Snapshot], frames: list[bytes]) -> None:
    lab, _ = booted
    for frame in frames:
        for end in ends(lab):
            end.send(frame)
    lab.advance(0.5)
    assert not lab.faults, [str(fault) for fault in lab.faults]
