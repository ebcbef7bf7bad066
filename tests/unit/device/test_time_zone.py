"""Time zones and summer time: what a clock shows, and how long it is between two moments on it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iosemu.box.time_zone import LAST, USUAL, ClockZone, SummerTime, Timezone, YearlyChange, seconds_between

BERLIN = ClockZone(
    Timezone("CET", 1),
    SummerTime("CEST", YearlyChange(LAST, 6, 3, 120), YearlyChange(LAST, 6, 10, 180)),
)
SYDNEY = ClockZone(
    Timezone("AEST", 10), SummerTime("AEDT", YearlyChange(1, 6, 10, 120), YearlyChange(1, 6, 4, 180))
)
NEW_YORK = ClockZone(Timezone("EST", -5), SummerTime("EDT", *USUAL, standing=True))
LORD_HOWE = ClockZone(
    Timezone("LHST", 10, 30),
    SummerTime("LHDT", YearlyChange(1, 6, 10, 120), YearlyChange(1, 6, 4, 120), 30),
)
NEWFOUNDLAND = ClockZone(Timezone("NST", -3, 30), None)
ONCE = ClockZone(Timezone(), SummerTime("BST", datetime(2025, 3, 30, 1), datetime(2025, 10, 26, 2)))


@pytest.mark.parametrize(
    ("zone", "universal", "shown"),
    [
        (BERLIN, "2025-03-30 00:59", "2025-03-30 01:59 CET"),
        (BERLIN, "2025-03-30 01:00", "2025-03-30 03:00 CEST"),
        (BERLIN, "2025-10-26 00:59", "2025-10-26 02:59 CEST"),
        (BERLIN, "2025-10-26 01:00", "2025-10-26 02:00 CET"),
        (BERLIN, "2025-10-26 01:59", "2025-10-26 02:59 CET"),
        (BERLIN, "2025-10-26 02:00", "2025-10-26 03:00 CET"),
        (SYDNEY, "2025-04-05 15:59", "2025-04-06 02:59 AEDT"),
        (SYDNEY, "2025-04-05 16:00", "2025-04-06 02:00 AEST"),
        (SYDNEY, "2025-10-04 16:00", "2025-10-05 03:00 AEDT"),
        (SYDNEY, "2025-12-31 13:30", "2026-01-01 00:30 AEDT"),
        (NEW_YORK, "2025-03-09 06:59", "2025-03-09 01:59 EST"),
        (NEW_YORK, "2025-03-09 07:00", "2025-03-09 03:00 EDT"),
        (NEW_YORK, "2025-11-02 05:59", "2025-11-02 01:59 EDT"),
        (NEW_YORK, "2025-11-02 06:00", "2025-11-02 01:00 EST"),
        (LORD_HOWE, "2025-04-05 15:00", "2025-04-06 01:30 LHST"),
        (NEWFOUNDLAND, "2025-07-01 12:00", "2025-07-01 08:30 NST"),
        (ONCE, "2025-03-30 01:00", "2025-03-30 02:00 BST"),
        (ONCE, "2026-07-01 12:00", "2026-07-01 12:00 UTC"),
    ],
)
def test_what_a_clock_shows(zone: ClockZone, universal: str, shown: str) -> None:
    moment = datetime.fromisoformat(universal).replace(tzinfo=UTC)
    assert f"{moment.astimezone(zone):%Y-%m-%d %H:%M %Z}" == shown


@given(
    st.sampled_from([BERLIN, SYDNEY, NEW_YORK, LORD_HOWE, NEWFOUNDLAND, ONCE]),
    st.datetimes(datetime(1993, 1, 2), datetime(2035, 12, 30)),
)
def test_a_clock_tells_each_moment_apart(zone: ClockZone, moment: datetime) -> None:
    universal = moment.replace(tzinfo=UTC)
    assert universal.astimezone(zone).astimezone(UTC) == universal


def test_the_hour_that_is_left_out_and_the_one_that_comes_twice_count() -> None:
    evening = datetime(2025, 3, 29, 22, 0, tzinfo=BERLIN)
    assert seconds_between(evening, lambda now: now + timedelta(hours=9)) == 8 * 3600
    evening = datetime(2025, 10, 25, 22, 0, tzinfo=BERLIN)
    assert seconds_between(evening, lambda now: now + timedelta(hours=9)) == 10 * 3600
    assert seconds_between(evening, lambda now: None) is None
