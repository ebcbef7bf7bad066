"""Terminal lines."""

from iosemu.box.subject import Section, Subject
from iosemu.subjects.lines.config import LinesConfig
from iosemu.subjects.lines.processes import process_rows
from iosemu.subjects.lines.running import line_lines

SUBJECT = Subject(
    "lines", config=(LinesConfig,), running=(Section("line", line_lines),), processes=process_rows
)
