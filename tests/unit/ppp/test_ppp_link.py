"""Two ends of a PPP link that talk to each other, without boxes and clocks."""

from __future__ import annotations

import random
from collections import deque
from dataclasses import replace
from ipaddress import IPv4Address

import pytest

from iosemu.net.ppp.automaton import TABLE, Event, Limits, State
from iosemu.net.ppp.happenings import Check, Entered, Happening, IpUp, Passed, Phase
from iosemu.net.ppp.link import AGAIN, MISSED, PATIENCE, PppLink, PppPolicy, proves
from iosemu.packets.ppp import Code, ControlPacket, PppFrame, PppProtocol

ONE = PppPolicy(name="R1", address=IPv4Address("10.0.0.1"), secret_for={"R2": "same"}.get)
TWO = PppPolicy(name="R2", address=IPv4Address("10.0.0.2"), secret_for={"R1": "same"}.get)


NEVER_OPEN = (Event.UP, Event.TIMEOUT_MORE, Event.TIMEOUT_LAST)


class Wire:
    """Both ends, a lab clock, and what each told."""

    def __init__(self, one: PppPolicy, two: PppPolicy, passwords: dict[str, str] | None = None) -> None:
        self.ends = [PppLink(policy, random.Random(seed).randbytes) for seed, policy in enumerate((one, two))]
        self.told: list[list[Happening]] = [[], []]
        self.passwords = passwords or {"R1": "same", "R2": "same"}
        self.now = 0.0
        self.cut = False
        for end in self.ends:
            end.start(0.0)
        self.settle()

    def settle(self) -> None:
        """Bring over everything that was sent."""
        frames: deque[tuple[int, PppFrame]] = deque()
        while True:
            for number, end in enumerate(self.ends):
                for each in end.take():
                    self.told[number].append(each)
                    if isinstance(each, Passed) and each.sent and not self.cut:
                        frames.append((1 - number, PppFrame(each.protocol, each.packet.to_bytes())))
                    elif isinstance(each, Check):
                        known = self.passwords.get(each.name)
                        fits = known is not None and (
                            proves(each, known) if each.method == "chap" else each.password == known
                        )
                        end.verdict(each, fits)
            if not frames:
                if not any(end._happened for end in self.ends):
                    return
                continue
            to, frame = frames.popleft()
            self.ends[to].receive(frame, self.now)

    def run(self, until: float) -> None:
        """Let time pass."""
        while True:
            due = [timer for end in self.ends if (timer := end.next_timer()) is not None]
            if not due or min(due) > until:
                self.now = until
                return
            self.now = max(self.now, min(due))
            for end in self.ends:
                end.tick(self.now)
            self.settle()

    def phases(self, end: int) -> list[Phase]:
        """What an end went through."""
        return [each.phase for each in self.told[end] if isinstance(each, Entered)]


def test_the_table_has_every_cell_that_can_happen() -> None:
    assert TABLE[Event.GOOD_REQUEST, State.ACK_RCVD][1] is State.OPENED
    assert {event for event, _state in TABLE} == set(Event)
    assert all((event, State.OPENED) in TABLE for event in Event if event not in NEVER_OPEN)
    for (event, state), (_actions, after) in TABLE.items():
        assert after is not State.INITIAL or event in (Event.DOWN, Event.CLOSE), (event, state)


def test_a_link_opens_and_both_ends_know_the_addresses() -> None:
    wire = Wire(ONE, TWO)
    for number, (own, peer) in enumerate((("10.0.0.1", "10.0.0.2"), ("10.0.0.2", "10.0.0.1"))):
        assert wire.ends[number].phase is Phase.UP
        assert IpUp(IPv4Address(own), IPv4Address(peer)) in wire.told[number]
        assert wire.ends[number].cdpcp.opened


@pytest.mark.parametrize("method", ["chap", "pap"])
@pytest.mark.parametrize("both", [True, False])
def test_an_end_proves_who_it_is(method: str, both: bool) -> None:
    able = ("chap", "pap")
    one = replace(ONE, wanted=(method,), willing=able, pap=("R1", "same"))
    two = replace(TWO, wanted=(method,) * both, willing=able, pap=("R2", "same"))
    wire = Wire(one, two)
    assert [end.phase for end in wire.ends] == [Phase.UP, Phase.UP]
    assert (wire.ends[0].peer_name, wire.ends[1].peer_name) == ("R2", "R1" * both)
    by = next(each.by for each in wire.told[0] if isinstance(each, Entered) and each.by)
    assert by == ("by both" if both else "by this end")


def test_a_wrong_secret_closes_the_link_and_it_is_tried_again() -> None:
    wire = Wire(replace(ONE, wanted=("chap",)), replace(TWO, secret_for={"R1": "other"}.get))
    assert Phase.UP not in wire.phases(0)
    assert Phase.TERMINATING in wire.phases(0)
    wire.run(5 * AGAIN)
    assert wire.phases(0).count(Phase.AUTHENTICATING) > 1
    wire.ends[1].policy = TWO
    wire.run(wire.now + 3 * AGAIN)
    assert [end.phase for end in wire.ends] == [Phase.UP, Phase.UP]
    before = len(wire.phases(0))
    wire.run(wire.now + 100)
    assert len(wire.phases(0)) == before  # and it stays so


def test_an_end_that_wants_a_proof_now_gets_it_from_one_whose_link_is_open() -> None:
    wire = Wire(ONE, replace(TWO, willing=("chap", "pap"), pap=("R2", "same")))
    for method in ("pap", "chap", "pap"):
        wire.ends[0].policy = replace(ONE, wanted=(method,))
        wire.ends[0].restart(wire.now)
        wire.settle()
        assert [end.phase for end in wire.ends] == [Phase.UP, Phase.UP]
        assert wire.ends[0].peer_name == "R2"


def test_a_method_that_is_not_possible_is_exchanged_for_one_that_is() -> None:
    one = replace(ONE, wanted=("chap", "pap"))
    wire = Wire(one, replace(TWO, willing=("pap",), pap=("R2", "same")))
    assert wire.ends[0].phase is Phase.UP
    assert wire.ends[0].lcp.asking == "pap"


def test_an_end_without_an_address_is_told_one() -> None:
    wire = Wire(replace(ONE, offer=IPv4Address("10.0.0.77")), replace(TWO, address=None))
    assert IpUp(IPv4Address("10.0.0.77"), IPv4Address("10.0.0.1")) in wire.told[1]
    refused = Wire(ONE, replace(TWO, address=None))
    assert refused.ends[1].ipcp.own is None or not refused.ends[1].ipcp.opened


def test_echoes_that_nobody_answers_take_the_link_down() -> None:
    wire = Wire(ONE, TWO)
    wire.run(35.0)
    assert wire.phases(0)[-1] is Phase.UP
    wire.cut = True
    wire.run(35.0 + 10 * (MISSED + 2))
    assert [end.phase for end in wire.ends] == [Phase.ESTABLISHING] * 2
    wire.cut = False
    wire.run(wire.now + 60)
    assert [end.phase for end in wire.ends] == [Phase.UP, Phase.UP]


def test_a_line_that_leads_back_is_found() -> None:
    end = PppLink(ONE, random.Random(3).randbytes)
    end.start(0.0)
    now = 0.0
    for _ in range(200):
        for each in end.take():
            if isinstance(each, Passed) and each.sent:
                end.receive(PppFrame(each.protocol, each.packet.to_bytes()), now)
        now = end.next_timer() or now
        end.tick(now)
    assert end.lcp.looped
    assert end.phase is not Phase.UP


def test_an_unknown_protocol_is_rejected_and_a_rejected_one_rests() -> None:
    wire = Wire(ONE, replace(TWO, cdp=False))
    rejects = [
        each.packet
        for each in wire.told[1]
        if isinstance(each, Passed) and each.sent and each.packet.code == Code.PROTREJ
    ]
    assert [each.data[:2] for each in rejects] == [b"\x82\x07"]
    assert wire.ends[0].phase is Phase.UP
    assert wire.ends[0].cdpcp.state is State.STOPPED


def test_a_lost_answer_to_a_challenge_is_asked_for_again() -> None:
    one = PppLink(replace(ONE, wanted=("chap",)), random.Random(1).randbytes)
    one.start(0.0)
    [request] = [each.packet for each in one.take() if isinstance(each, Passed)]
    one.receive(PppFrame(PppProtocol.LCP, ControlPacket(Code.CONFACK, 1, request.data).to_bytes()), 0.0)
    peer = ControlPacket(Code.CONFREQ, 1, b"\x05\x06\x01\x02\x03\x04")
    one.receive(PppFrame(PppProtocol.LCP, peer.to_bytes()), 0.0)
    first = [
        each.packet for each in one.take() if isinstance(each, Passed) and each.protocol == PppProtocol.CHAP
    ]
    one.tick(2.0)
    second = [
        each.packet for each in one.take() if isinstance(each, Passed) and each.protocol == PppProtocol.CHAP
    ]
    assert (len(first), len(second)) == (1, 1)
    assert second[0].identifier == first[0].identifier + 1


def test_who_asks_in_vain_asks_as_often_as_it_is_told() -> None:
    end = PppLink(replace(ONE, limits=Limits(retry=5.0, configure=3)), random.Random(1).randbytes)
    end.start(0.0)
    at: list[float] = []
    now = 0.0
    while now < 40.0:
        at += [now for each in end.take() if isinstance(each, Passed) and each.packet.code == Code.CONFREQ]
        now = end.next_timer() or 40.0
        end.tick(now)
    assert at[:4] == [0.0, 5.0, 10.0, 15.0 + PATIENCE]


def test_a_proof_is_waited_for_as_long_as_it_is_told() -> None:
    policy = replace(ONE, wanted=("chap",), limits=Limits(authentication=5.0))
    one = PppLink(policy, random.Random(1).randbytes)
    one.start(0.0)
    [request] = [each.packet for each in one.take() if isinstance(each, Passed)]
    one.receive(PppFrame(PppProtocol.LCP, ControlPacket(Code.CONFACK, 1, request.data).to_bytes()), 0.0)
    peer = ControlPacket(Code.CONFREQ, 1, b"\x05\x06\x01\x02\x03\x04")
    one.receive(PppFrame(PppProtocol.LCP, peer.to_bytes()), 0.0)
    for now in (2.0, 4.0):
        assert one.next_timer() == now
        one.tick(now)
        assert one.phase is Phase.AUTHENTICATING
    assert one.next_timer() == 5.0
    one.tick(5.0)
    assert one.phase is Phase.TERMINATING
