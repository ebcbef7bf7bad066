import math

from iosemu.box.counters import Counters, Load


def test_the_load_follows_traffic_and_fades():
    load = Load()
    for second in range(600):
        load.add(float(second), 125)
    bits, packets = load.rates(600.0)
    assert bits == round(1000 * (1 - math.exp(-600 / 300)))
    assert packets == 1
    assert load.rates(900.0)[0] == round(1000 * (1 - math.exp(-2)) * math.exp(-1))


def test_clearing_keeps_the_load_and_the_last_times():
    counters = Counters()
    counters.count_in(1.0, b"\xff" * 60)
    counters.count_out(2.0, b"\x01" + bytes(59))
    assert (counters.in_broadcasts, counters.out_multicasts) == (1, 1)
    counters.clear(3.0)
    assert (counters.in_packets, counters.out_octets, counters.cleared) == (0, 0, 3.0)
    assert (counters.last_input, counters.last_output) == (1.0, 2.0)
