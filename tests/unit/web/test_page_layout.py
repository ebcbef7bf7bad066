"""Where the devices of a lab stand on the page."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iosemu.lab import resources
from iosemu.lab.lab import Lab
from iosemu.lab.layout import HEIGHT, ROOM_X, ROOM_Y, WIDTH, place
from iosemu.lab.page.state import end_of


def placed(name: str) -> dict[str, tuple[float, float]]:
    lab = Lab.load(name, seed=1)
    cables = []
    for link in lab.links:
        (a, _), (b, _) = (end_of(end) for end in link.ends)
        cables.append((a, b))
    return place({name: device.kind for name, device in lab.devices.items()}, cables)


@pytest.mark.parametrize("name", sorted(resources.labs()))
def test_every_lab_fills_a_screen_and_nobody_covers_another(name: str) -> None:
    places = placed(name)
    xs, ys = [x for x, _ in places.values()], [y for _, y in places.values()]
    assert max(xs) - min(xs) < 2.8 * WIDTH
    assert max(ys) - min(ys) > 0.15 * HEIGHT or len(places) < 3
    for one, other in itertools.combinations(places.values(), 2):
        assert abs(one[0] - other[0]) >= ROOM_X * 0.95 or abs(one[1] - other[1]) >= ROOM_Y * 0.95


def test_hosts_stand_below_their_switches_and_those_below_their_routers() -> None:
    places = placed("ipsec-vpn")
    assert places["PC-A"][1] > places["SW-1"][1] > places["R-A"][1]
    assert places["SV-B"][1] > places["SW-2"][1] > places["R-B"][1]
    assert places["R-A"][0] < places["Sniffer1"][0] < places["R-B"][0]


@settings(max_examples=30)
@given(st.integers(1, 14), st.data())
def test_any_lab_has_a_place_for_each_device_and_always_the_same(count: int, data: st.DataObject) -> None:
    names = [f"N{number}" for number in range(count)]
    kinds = {
        name: data.draw(st.sampled_from(["router", "switch", "l3switch", "pc", "sniffer"])) for name in names
    }
    cables = data.draw(st.lists(st.tuples(st.sampled_from(names), st.sampled_from(names)), max_size=40))
    places = place(kinds, cables)
    assert list(places) == names
    assert len(set(places.values())) == count
    assert places == place(kinds, cables)
