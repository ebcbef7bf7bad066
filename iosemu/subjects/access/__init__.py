"""AAA and SSH."""

from iosemu.box.subject import Section, Subject
from iosemu.subjects.access.config import AaaConfig, SshConfig
from iosemu.subjects.access.processes import process_rows
from iosemu.subjects.access.running import aaa_lines, ssh_lines

SUBJECT = Subject(
    "access",
    config=(AaaConfig, SshConfig),
    running=(
        Section("aaa", aaa_lines),
        Section("ip ssh", ssh_lines),
    ),
    processes=process_rows,
)
