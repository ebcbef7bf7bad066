"""AAA and SSH."""

from iosemu.box.subject import Subject
from iosemu.subjects.access.config import AaaConfig, SshConfig
from iosemu.subjects.access.private_config import PrivateConfig

SUBJECT = Subject("access", config=(AaaConfig, SshConfig), services=(PrivateConfig,))
