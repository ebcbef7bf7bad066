"""System messages."""

from iosemu.box.subject import Subject
from iosemu.subjects.logging.config import LoggingConfig
from iosemu.subjects.logging.forwarding import SyslogClient

SUBJECT = Subject("logging", config=(LoggingConfig,), services=(SyslogClient,))
