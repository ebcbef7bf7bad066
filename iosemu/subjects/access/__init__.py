"""AAA, logins and SSH."""

from iosemu.box.subject import Section, Subject
from iosemu.subjects.access.accounting import Accounting
from iosemu.subjects.access.config import (
    ACCOUNTING_DEBUG,
    AUTHENTICATION_DEBUG,
    AUTHORIZATION_DEBUG,
    AaaConfig,
    LoginConfig,
    SshConfig,
)
from iosemu.subjects.access.login import LoginGuard
from iosemu.subjects.access.private_config import PrivateConfig
from iosemu.subjects.access.processes import process_rows
from iosemu.subjects.access.running import aaa_lines, login_lines, new_model_lines, ssh_lines

SUBJECT = Subject(
    "access",
    config=(AaaConfig, SshConfig, LoginConfig),
    services=(PrivateConfig, LoginGuard, Accounting),
    running=(
        Section("aaa new-model", new_model_lines),
        Section("aaa", aaa_lines),
        Section("login", login_lines),
        Section("ip ssh", ssh_lines),
    ),
    processes=process_rows,
    debugging=(AUTHENTICATION_DEBUG, AUTHORIZATION_DEBUG, ACCOUNTING_DEBUG),
)
