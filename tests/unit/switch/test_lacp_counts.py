"""What a LACP port counts, for `show lacp counters`."""

from __future__ import annotations

from iosemu.net.lacp import LacpPort
from iosemu.packets.addresses import MacAddress


def test_each_lacpdu_is_counted_at_both_ends_and_dates_the_partner() -> None:
    one = LacpPort(MacAddress.from_string("0000.0000.0001"), 1, 1, True)
    two = LacpPort(MacAddress.from_string("0000.0000.0002"), 1, 1, False)
    one.link_up(3.0)
    two.link_up(3.0)
    packets = one.packets()
    for packet in packets:
        two.receive(packet, 4.5)
    two.tick(4.5)
    answers = two.packets()
    assert (one.sent, two.received, two.sent) == (len(packets), len(packets), len(answers))
    assert two.heard == 4.5
    assert answers
