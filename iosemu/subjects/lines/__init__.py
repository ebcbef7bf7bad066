"""Terminal lines."""

from iosemu.box.line_config import LinesConfig
from iosemu.box.subject import Section, Subject
from iosemu.subjects.lines.processes import process_rows
from iosemu.subjects.lines.running import line_lines
from iosemu.subjects.lines.service import LineSettings

SUBJECT = Subject(
    "lines",
    config=(LinesConfig,),
    services=(LineSettings,),
    running=(Section("line", line_lines),),
    processes=process_rows,
)
