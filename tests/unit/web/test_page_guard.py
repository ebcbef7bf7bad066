"""Who may use the page: names of hosts, origins and links."""

from __future__ import annotations

from iosemu.web.guard import Guard


def test_hosts_and_origins() -> None:
    guard = Guard("127.0.0.1", 2280)
    assert guard.host_fits("127.0.0.1:2280")
    assert guard.host_fits("localhost:2280")
    assert guard.host_fits("[::1]:2280")
    assert not guard.host_fits("localhost")
    assert not guard.host_fits("lab.example:2280")
    wide = Guard("0.0.0.0", 2280)
    assert wide.host_fits("192.0.2.7:2280")
    assert not wide.host_fits("lab.example:2280")  # a name may be pointed at any address
    assert not wide.host_fits("localhost:2280")
    assert wide.link().startswith("http://127.0.0.1:2280/?token=")
    assert guard.refusal({"host": "127.0.0.1:2280"}, cross=True)
    assert not guard.refusal({"host": "127.0.0.1:2280", "origin": "http://127.0.0.1:2280"}, cross=True)


def test_the_oldest_of_many_links_gives_way() -> None:
    guard = Guard("127.0.0.1", 1)
    first, *others = (guard.link().rpartition("=")[2] for _ in range(100))
    assert guard.redeem(first) is None
    assert guard.redeem(others[-1]) is not None
    assert guard.redeem(others[-1]) is None
