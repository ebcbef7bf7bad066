"""The clock."""

from iosemu.box.subject import Section, Subject
from iosemu.subjects.clock.running import timezone_lines

SUBJECT = Subject("clock", running=(Section("clock timezone", timezone_lines),))
