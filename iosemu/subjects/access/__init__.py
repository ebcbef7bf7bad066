"""AAA and SSH."""

from iosemu.box.subject import Subject
from iosemu.subjects.access.config import AaaConfig, LoginConfig, SshConfig
from iosemu.subjects.access.login import LoginGuard
from iosemu.subjects.access.private_config import PrivateConfig

SUBJECT = Subject("access", config=(AaaConfig, SshConfig, LoginConfig), services=(PrivateConfig, LoginGuard))
