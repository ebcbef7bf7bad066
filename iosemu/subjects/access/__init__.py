"""AAA and SSH."""

from iosemu.box.subject import Subject
from iosemu.subjects.access.config import AaaConfig, SshConfig

SUBJECT = Subject("access", config=(AaaConfig, SshConfig))
