"""VTP: messages, and switches that agree about their VLANs."""

from __future__ import annotations

import contextlib
from collections import deque
from dataclasses import replace
from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iosemu.net.vtp import JOINS, SUMMARIES, Database, VtpSwitch
from iosemu.packets import vtp
from iosemu.packets.addresses import MacAddress
from iosemu.packets.dissect import dissect
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.vtp import VtpJoin, VtpRequest, VtpSubset, VtpSummary, VtpVlan

DEFAULT = (VtpVlan(1, "default"), VtpVlan(1002, "fddi-default", type=2))
LARGE = DEFAULT + tuple(VtpVlan(n, f"VLAN{n:04}") for n in range(2, 500))
TEN = (DEFAULT[0], VtpVlan(10, "STAFF", 1400, suspended=True), DEFAULT[1])


@pytest.mark.parametrize(
    "message",
    [
        VtpSummary("LAB", 7, IPv4Address("10.0.0.1"), "020301001501", bytes(range(16)), 2),
        VtpSummary("LAB", 7, pruning=True),
        VtpSubset("LAB", 7, 1, TEN, 2),
        VtpRequest("LAB", 5),
        VtpJoin("LAB", frozenset({1, 10, 1000})),
    ],
)
def test_messages_round_trip(message: vtp.VtpMessage) -> None:
    data = message.to_bytes()
    found = dissect(vtp.to_frame(message, MacAddress.from_int(1)).to_bytes())
    assert (found.malformed, found.summary.protocol) == (None, "VTP")
    assert vtp.parse(data) == message
    for end in range(len(data) - 1):
        try:
            vtp.parse(data[:end])
        except MalformedPacket:
            continue


@given(st.binary(max_size=80))
def test_other_octets_are_refused_or_read(data: bytes) -> None:
    with contextlib.suppress(MalformedPacket):
        vtp.parse(b"\x01\x02\x01\x03LAB" + bytes(29) + data)


class Row:
    """Switches in a row, each joined to the next by a trunk, and a lab clock."""

    def __init__(self, *databases: Database) -> None:
        self.now = 1.0
        self.cut: set[int] = set()
        self.switches = [VtpSwitch() for _ in databases]
        for n, (switch, database) in enumerate(zip(self.switches, databases, strict=True)):
            switch.changed(database, 1.0)
            switch.trunks_are({f"{n}-{m}" for m in (n - 1, n + 1) if 0 <= m < len(databases)}, 1.0)
        self.settle()

    def settle(self) -> None:
        waiting: deque[tuple[int, str, vtp.VtpMessage]] = deque()
        for _ in range(10_000):
            for n, switch in enumerate(self.switches):
                for trunk, message in switch.messages():
                    other = int(trunk.split("-")[1])
                    waiting.append((other, f"{other}-{n}", vtp.parse(message.to_bytes())))
            if not waiting:
                return
            to, trunk, message = waiting.popleft()
            self.switches[to].receive(trunk, message, self.now)
        raise AssertionError("they do not come to an end")

    def run(self, until: float) -> None:
        while (due := min(each.next_timer() or until + 1 for each in self.switches)) <= until:
            self.now = due
            for switch in self.switches:
                if (switch.next_timer() or until + 1) <= self.now:
                    switch.tick(self.now)
            self.settle()
        self.now = until

    def names(self) -> list[set[str]]:
        return [{vlan.name for vlan in each.database.vlans} for each in self.switches]


SERVER = Database("server", "LAB", revision=5, vlans=TEN)
CLIENT = Database("client", "", vlans=DEFAULT)


def test_a_domain_and_its_vlans_go_through_clients_and_transparent_switches() -> None:
    row = Row(SERVER, CLIENT, Database("transparent", "LAB", vlans=DEFAULT), CLIENT)
    row.run(1 + SUMMARIES)
    assert [each.database.domain for each in row.switches] == ["LAB", "LAB", "LAB", "LAB"]
    assert ["STAFF" in each for each in row.names()] == [True, True, False, True]
    assert [each.database.revision for each in row.switches] == [5, 5, 0, 5]
    assert row.switches[1].notes == [("VTP_DOMAIN_NAME_CHG", "VTP domain name changed to LAB.")]


def test_the_higher_revision_wins_whoever_has_it() -> None:
    row = Row(SERVER, replace(SERVER, mode="client", revision=9, vlans=DEFAULT))
    assert [each.database.revision for each in row.switches] == [9, 9]
    assert row.names()[0] == {"default", "fddi-default"}


def test_another_domain_or_password_changes_nothing() -> None:
    row = Row(
        SERVER, replace(CLIENT, domain="OTHER"), replace(SERVER, revision=2, vlans=DEFAULT, password="x")
    )
    assert ["STAFF" in each for each in row.names()] == [True, False, False]
    pair = Row(SERVER, replace(CLIENT, domain="LAB", password="other"))
    assert pair.names()[1] == {"default", "fddi-default"}
    assert pair.switches[1].counters.digest_errors >= 1
    same = Row(replace(SERVER, password="one"), replace(CLIENT, domain="LAB", password="one"))
    assert "STAFF" in same.names()[1]


def test_the_same_revision_with_other_vlans_is_told() -> None:
    row = Row(SERVER, replace(SERVER, vlans=DEFAULT))
    assert row.switches[0].notes[0][0] == "VTP_USER_NOTIFICATION"
    assert "on trunk: 0-1" in row.switches[0].notes[0][1]


def test_a_large_database_comes_in_parts() -> None:
    row = Row(replace(SERVER, vlans=LARGE), CLIENT)
    assert len(row.names()[1]) == 500
    assert row.switches[0].counters.sent["subset"] > 5


def test_a_change_is_told_at_once_and_off_is_deaf() -> None:
    row = Row(SERVER, CLIENT, Database("off", "LAB", vlans=DEFAULT))
    row.switches[0].changed(replace(SERVER, revision=6, vlans=(*TEN, VtpVlan(20, "GUESTS"))), 1.0)
    row.settle()
    assert ["GUESTS" in each for each in row.names()] == [True, True, False]
    assert row.switches[2].counters.received["summary"] == 0


def test_pruning_takes_what_nobody_behind_a_trunk_wants() -> None:
    pruning = replace(SERVER, pruning=True)
    row = Row(pruning, pruning, pruning)
    row.switches[2].wanted = frozenset({1, 10})
    row.run(1 + 3 * JOINS)
    assert 10 not in row.switches[0].pruned("0-1", row.now)
    assert 20 in row.switches[0].pruned("0-1", row.now)
    assert 10 in row.switches[2].pruned("2-1", row.now)
    assert not row.switches[0].pruned("0-1", row.now) & {1, 1002}
    row.switches[0].changed(SERVER, row.now)
    assert row.switches[0].pruned("0-1", row.now) == frozenset()


def test_summaries_of_the_older_version_are_counted() -> None:
    row = Row(replace(SERVER, version=2), SERVER)
    assert row.switches[0].counters.version_errors
    assert not row.switches[1].counters.version_errors
