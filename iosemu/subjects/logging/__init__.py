"""System messages."""

from iosemu.box.subject import Section, Subject
from iosemu.subjects.logging.config import LoggingConfig
from iosemu.subjects.logging.forwarding import SyslogClient
from iosemu.subjects.logging.processes import process_rows
from iosemu.subjects.logging.running import buffered_lines, host_lines

SUBJECT = Subject(
    "logging",
    config=(LoggingConfig,),
    services=(SyslogClient,),
    running=(
        Section("logging buffered", buffered_lines),
        Section("logging", host_lines),
    ),
    processes=process_rows,
)
