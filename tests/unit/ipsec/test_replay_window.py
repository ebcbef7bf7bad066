from hypothesis import given
from hypothesis import strategies as st

from iosemu.ipsec.replay import ReplayWindow


@given(st.sampled_from([1, 32, 64, 1024]), st.lists(st.integers(0, 200)))
def test_each_number_passes_once_and_only_inside_the_window(size, numbers):
    window, seen = ReplayWindow(size), set()
    for number in numbers:
        expected = number > 0 and number not in seen and number > max(seen, default=0) - size
        assert window.check(number) == expected
        if expected:
            window.record(number)
            seen.add(number)
    assert window.highest == max(seen, default=0)


def test_a_window_of_nothing_lets_all_pass():
    window = ReplayWindow(0)
    window.record(5)
    assert window.check(5)
    assert window.check(1)
