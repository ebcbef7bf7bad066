"""The clock."""

from iosemu.box.subject import Section, Subject
from iosemu.subjects.clock.running import summer_time_lines, timezone_lines

SUBJECT = Subject(
    "clock",
    running=(
        Section("clock timezone", timezone_lines),
        Section("clock summer-time", summer_time_lines),
    ),
)
