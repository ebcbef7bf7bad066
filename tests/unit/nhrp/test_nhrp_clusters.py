"""Which servers of a cluster have their turn."""

from ipaddress import IPv4Address

from hypothesis import given
from hypothesis import strategies as st

from iosemu.nhrp.clusters import chosen
from iosemu.nhrp.servers import RETRIES_UNTIL_DOWN, Server


def server(number: int, *, responding: bool = False, silent: bool = False, since: float = 0.0) -> Server:
    made = Server(IPv4Address(0x0A000000 + number), None, since, responding=responding)
    if silent:
        made.waiting, made.repeats = True, RETRIES_UNTIL_DOWN
    return made


def turn(
    servers: list[Server], most: int, fallback: float = 0.0, now: float = 100.0
) -> tuple[list[int], float | None]:
    found, again = chosen(servers, most, fallback, now)
    return [int(each.address) & 0xFF for each in found], again


def test_the_best_are_tried_first() -> None:
    assert turn([server(1), server(2), server(3)], 1) == ([1], None)
    assert turn([server(1), server(2), server(3)], 2) == ([1, 2], None)
    assert turn([server(1), server(2)], 0) == ([], None)


def test_the_next_stands_in_for_one_that_is_silent() -> None:
    assert turn([server(1, silent=True), server(2), server(3)], 1) == ([1, 2], None)
    assert turn([server(1, silent=True), server(2, silent=True), server(3)], 1) == ([1, 2, 3], None)


def test_who_stands_in_stays_until_the_better_one_is_proven() -> None:
    servers = [server(1, responding=True, since=90.0), server(2, responding=True)]
    assert turn(servers, 1, fallback=30.0) == ([1, 2], 120.0)
    assert turn(servers, 1, fallback=30.0, now=120.0) == ([1], None)
    assert turn(servers, 1) == ([1], None)


def test_a_better_one_that_is_new_does_not_displace_who_answers() -> None:
    assert turn([server(1), server(2, responding=True)], 1) == ([1, 2], None)


@given(
    st.lists(st.sampled_from(["up", "new", "silent"]), max_size=8),
    st.integers(0, 8),
    st.floats(0, 60),
)
def test_no_more_are_proven_than_may_be_and_the_best_are_among_them(
    states: list[str], most: int, fallback: float
) -> None:
    servers = [
        server(number, responding=each == "up", silent=each == "silent") for number, each in enumerate(states)
    ]
    found, again = chosen(servers, most, fallback, 100.0)
    assert found == servers[: len(found)]
    assert again is None or 0.0 < again <= 60.0 + 100.0
    up = [each for each in found if each.responding]
    assert len(up) <= most
    if len(found) < len(servers):
        assert sum(1 for each in found if not each.given_up) >= most
