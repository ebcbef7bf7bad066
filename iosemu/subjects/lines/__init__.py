"""Terminal lines."""

from iosemu.box.subject import Subject
from iosemu.subjects.lines.config import LinesConfig

SUBJECT = Subject("lines", config=(LinesConfig,))
