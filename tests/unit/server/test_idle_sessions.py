"""What idle sessions cost: nothing. Calls are counted, no time is measured."""

from __future__ import annotations

from collections import Counter

import pytest

from iosemu.lab.lab import Lab
from iosemu.server.clock import LabClock, Pace
from iosemu.shell.session import Session

IDLE = 12


class Counted(Session):
    """A session that counts how often it is ticked and asked."""

    calls: Counter[str]

    def __init__(self, *arguments: object, **options: object) -> None:
        self.calls = Counter()
        super().__init__(*arguments, **options)  # type: ignore[arg-type]

    def tick(self) -> None:
        self.calls["tick"] += 1
        super().tick()

    @property
    def waiting(self) -> bool:
        self.calls["waiting"] += 1
        return super().waiting

    @property
    def wake(self) -> float | None:
        self.calls["wake"] += 1
        return super().wake


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch) -> Lab:
    monkeypatch.setattr("iosemu.lab.lab.Session", Counted)
    made = Lab.load("ipsec-vpn", seed=1)
    made.boot()
    return made


def session(lab: Lab, device: str, *, hidden: bool = True) -> Counted:
    made = lab.session(device, rows=0, hidden=hidden)
    assert isinstance(made, Counted)
    lab.clock.watch(made)
    made.start()
    lab.clock.turn()
    made.output()
    made.calls.clear()
    return made


def typed(lab: Lab, who: Session, line: str) -> str:
    who.receive(line.encode() + b"\r")
    lab.run_until(lambda: not who.waiting, 600.0)
    return who.output().decode()


def total(sessions: list[Counted]) -> int:
    return sum(sum(each.calls.values()) for each in sessions)


def test_events_do_not_touch_idle_sessions(lab: Lab) -> None:
    idle = [session(lab, name) for name in ("R-A", "R-B", "PC-A") for _ in range(IDLE)]
    pinger = session(lab, "PC-A")
    events = Counter[str]()
    step = lab.scheduler.step

    def counting() -> bool:
        events["steps"] += 1
        return step()

    lab.scheduler.step = counting  # type: ignore[method-assign]
    typed(lab, pinger, "ping -n 4 192.168.2.1")
    assert "Received = 20" in typed(lab, pinger, "ping -n 20 192.168.2.1")
    assert events["steps"] > 100
    assert total(idle) <= 2 * len(
        idle
    )  # an alarm (exec-timeout) may be looked at, however many events there are


def test_a_pinging_session_is_ticked_for_its_answers_alone(lab: Lab) -> None:
    pinger = session(lab, "PC-A")
    typed(lab, pinger, "ping -n 4 192.168.2.1")
    pinger.calls.clear()
    typed(lab, pinger, "ping -n 20 192.168.2.1")
    assert pinger.calls["tick"] <= 2 * 20 + 5  # an answer and an interval each


def test_a_message_reaches_those_that_show_messages_alone(lab: Lab) -> None:
    watching, other, elsewhere = session(lab, "R-A"), session(lab, "R-A"), session(lab, "R-B")
    typed(lab, watching, "terminal monitor")
    for each in (watching, other, elsewhere):
        each.calls.clear()
    lab["R-A"].log("SYS", 5, "CONFIG_I", "Configured from console by admin")
    lab.clock.turn()
    assert b"%SYS-5-CONFIG_I: Configured from console by admin" in watching.output()
    assert other.calls["tick"] == elsewhere.calls["tick"] == 0


def test_no_message_from_before_is_shown_by_terminal_monitor(lab: Lab) -> None:
    watching = session(lab, "R-A")
    lab["R-A"].log("SYS", 5, "CONFIG_I", "before")
    typed(lab, watching, "terminal monitor")
    lab["R-A"].log("SYS", 5, "CONFIG_I", "between")
    lab.clock.turn()
    shown = watching.output()
    assert b"between" in shown
    assert b"before" not in shown
    typed(lab, watching, "terminal no monitor")
    lab["R-A"].log("SYS", 5, "CONFIG_I", "after")
    lab.clock.turn()
    assert b"after" not in watching.output()


def test_clear_line_send_and_exec_timeout_reach_the_session_of_that_line(lab: Lab) -> None:
    one, two, third = (session(lab, "R-A", hidden=False) for _ in range(3))
    typed(lab, one, "send vty 1")
    one.receive(b"coffee?\x1a")
    two.calls.clear()
    third.calls.clear()
    one.receive(b"y")
    lab.clock.turn()
    assert b"coffee?" in two.output()
    assert third.calls["tick"] == 0
    typed(lab, one, "clear line vty 1")
    one.receive(b"y")
    lab.clock.turn()
    assert two.closed
    assert not third.closed
    for line in ("configure terminal", "line vty 0 4", "exec-timeout 1 0", "end"):
        typed(lab, one, line)
    lab.advance(59.0)
    assert not third.closed
    lab.advance(2.0)
    assert third.closed


def test_a_session_ends_when_nobody_types_and_only_then(lab: Lab) -> None:
    idle = session(lab, "R-A", hidden=False)
    limit = 300
    for line in ("configure terminal", "line vty 0 4", "exec-timeout 5 0", "end"):
        typed(lab, idle, line)
    idle.receive(b"\r")
    lab.advance(limit - 1)
    idle.receive(b"\r")
    lab.advance(limit - 1)
    assert not idle.closed
    lab.advance(2)
    assert idle.closed


def test_power_and_reload_reach_the_sessions_of_that_device(lab: Lab) -> None:
    here, there = session(lab, "R-A"), session(lab, "R-B")
    lab.stop("R-A")
    lab.clock.turn()
    assert here.closed
    assert there.calls["tick"] == 0
    lab["R-B"].reload_requested = True
    lab.clock.turn()
    assert there.closed or not lab["R-B"].powered
    lab.clock.turn()
    assert there.closed


def test_a_wait_that_is_interrupted_holds_nobody(lab: Lab) -> None:
    pinger = session(lab, "R-A")
    clock: LabClock = lab.clock
    clock.pace = Pace.MANUAL
    pinger.receive(b"ping 10.99.99.99 repeat 1000\r")
    assert pinger.waiting
    pinger.receive(b"\x1e")
    assert not pinger.waiting
    before = lab.scheduler.now
    assert clock.turn() is None
    assert lab.scheduler.now == before


def test_sessions_that_end_are_forgotten_by_what_would_rouse_them(lab: Lab) -> None:
    device = lab["R-A"]
    before = len(device.attention), len(device.syslog.added)
    watching = session(lab, "R-A", hidden=False)
    line = watching.line
    assert line is not None
    typed(lab, watching, "terminal monitor")
    assert len(device.attention) == before[0] + 1
    assert len(device.syslog.added) == before[1] + 1
    assert len(line.attention) == 1
    typed(lab, watching, "exit")
    assert watching.closed
    assert (len(device.attention), len(device.syslog.added), len(line.attention)) == (*before, 0)
