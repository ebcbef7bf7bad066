import pytest

from iosemu.box.clock_text import hms, span


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-3, "00:00:00"),
        (7.9, "00:00:07"),
        (86_399, "23:59:59"),
        (86_400, "1d00h"),
        (6 * 86_400 + 23 * 3600, "6d23h"),
        (7 * 86_400, "1w0d"),
        (25 * 86_400, "3w4d"),
        (365 * 86_400, "1y0w"),
        (380 * 86_400, "1y2w"),
    ],
)
def test_how_long(seconds: float, text: str) -> None:
    assert span(seconds) == text


def test_a_clock_goes_on_beyond_a_day() -> None:
    assert hms(90 * 3600 + 61) == "90:01:01"
