"""The two ends of an HDLC line."""

from iosemu.net.hdlc_line import LOST, HdlcLine
from iosemu.packets.hdlc import SlarpKeepalive


def exchange(one: HdlcLine, other: HdlcLine) -> None:
    other.receive(one.keepalive())
    one.receive(other.keepalive())


def test_a_line_lives_while_both_ends_speak() -> None:
    one, other = HdlcLine(), HdlcLine()
    for _ in range(20):
        exchange(one, other)
        assert one.alive
        assert other.alive


def test_it_bears_three_losses_and_comes_back_with_the_next_answer() -> None:
    one, other = HdlcLine(), HdlcLine()
    exchange(one, other)
    for _ in range(LOST):
        one.keepalive()
        assert one.alive
    one.keepalive()
    assert not one.alive
    exchange(one, other)
    assert one.alive


def test_numbers_from_before_a_restart_do_not_count() -> None:
    line = HdlcLine()
    for _ in range(LOST + 1):
        line.receive(SlarpKeepalive(70, 69))
        line.keepalive()
    assert not line.alive
    assert line.seen == 70
