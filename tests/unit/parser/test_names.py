"""Interface names by type."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from iosemu.parser.names import InterfaceNames

names = st.builds(
    "{}{}".format, st.sampled_from(("Loopback", "GigabitEthernet0/", "Vlan")), st.integers(0, 5)
)


@given(st.lists(st.tuples(st.booleans(), names)), names)
def test_names_come_and_go(steps, asked):
    known, model = InterfaceNames(), set()
    for add, name in steps:
        (known.add if add else known.discard)(name)
        (model.add if add else model.discard)(name)
    assert sorted(known) == sorted(model)
    assert len(known) == len(model)
    assert (asked in known) == (asked in model)
    assert all(known.by_type.values())
