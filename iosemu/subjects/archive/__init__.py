"""The configuration archive."""

from iosemu.box.subject import Section, Subject
from iosemu.subjects.archive.config import ArchiveConfig
from iosemu.subjects.archive.running import archive_lines
from iosemu.subjects.archive.service import Archive

SUBJECT = Subject(
    "archive", config=(ArchiveConfig,), services=(Archive,), running=(Section("archive", archive_lines),)
)
