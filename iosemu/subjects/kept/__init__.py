"""Lines that are accepted, shown and saved, without behaviour."""

from iosemu.box.subject import Subject
from iosemu.subjects.kept.config import KeptLines
from iosemu.subjects.kept.running_interface import SECTIONS

SUBJECT = Subject("kept", facets=(KeptLines,), interface=SECTIONS)
