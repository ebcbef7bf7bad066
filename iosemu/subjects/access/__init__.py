"""AAA, logins and SSH."""

from iosemu.box.subject import Section, Subject
from iosemu.subjects.access.config import AaaConfig, LoginConfig, SshConfig
from iosemu.subjects.access.login import LoginGuard
from iosemu.subjects.access.private_config import PrivateConfig
from iosemu.subjects.access.processes import process_rows
from iosemu.subjects.access.running import aaa_lines, login_lines, ssh_lines

SUBJECT = Subject(
    "access",
    config=(AaaConfig, SshConfig, LoginConfig),
    services=(PrivateConfig, LoginGuard),
    running=(
        Section("aaa", aaa_lines),
        Section("login", login_lines),
        Section("ip ssh", ssh_lines),
    ),
    processes=process_rows,
)
