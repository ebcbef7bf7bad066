"""`aaa accounting system` at TACACS+ and at boot; records at intervals begin and end with the command."""

from __future__ import annotations

from pathlib import Path

import pytest

from iosemu.box.vtys import allocate_vty
from iosemu.lab.lab import Lab
from iosemu.lab.resources import grammar
from iosemu.shell.loader import load
from iosemu.subjects.aaa_servers.service import Asking
from iosemu.subjects.access.accounting import Accounting
from iosemu.subjects.access.authentication import first_vty
from iosemu.subjects.server.aaa import TacacsService

LAB = Path(__file__).parents[2] / "transcripts" / "aaa" / "lab.yaml"
CONFIG = """aaa new-model
tacacs-server host 10.0.0.101 key s3cret
aaa accounting exec default start-stop group tacacs+
aaa accounting update periodic 5
"""


@pytest.fixture
def lab() -> Lab:
    made = Lab.load(LAB, seed=1, time="manual")
    made.boot()
    load(made["R1"], grammar(), CONFIG)
    return made


def told(lab: Lab) -> list[tuple[str, str, tuple[str, ...]]]:
    """Kind, user and attributes of what the server wrote down."""
    records = lab["AAA1"].service(TacacsService).records.entries
    return [(each.kind, each.user, each.attributes) for each in records]


def test_the_whole_box_at_tacacs(lab: Lab) -> None:
    load(lab["R1"], grammar(), "aaa accounting system default start-stop group tacacs+\n")
    lab.advance(30)
    load(lab["R1"], grammar(), "no aaa accounting system default\n")
    lab.advance(30)
    (kind, user, start), (last, _user, stop) = told(lab)
    assert (kind, last, user) == ("start", "stop", "unknown")
    assert {"service=system", "event=sys_acct", "reason=reconfigure"} <= set(start) & set(stop)


def test_records_of_a_shell_at_intervals(lab: Lab) -> None:
    router = lab["R1"]
    accounting, line = router.service(Accounting), allocate_vty(router, "alice", "10.0.0.10")
    assert line is not None
    number = accounting.began(Asking("alice", "tty2", "10.0.0.10"), line, first_vty(router))
    lab.advance(11 * 60)
    load(router, grammar(), "no aaa accounting update\n")
    lab.advance(11 * 60)
    accounting.ended(number, "alice", 15)
    lab.advance(30)
    assert [kind for kind, _user, _pairs in told(lab)] == ["start", "update", "update", "stop"]
