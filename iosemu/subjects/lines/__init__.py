"""Terminal lines."""

from iosemu.box.subject import Subject
from iosemu.subjects.lines.config import LinesConfig
from iosemu.subjects.lines.service import LineSettings

SUBJECT = Subject("lines", config=(LinesConfig,), services=(LineSettings,))
