"""The configuration archive."""

from iosemu.box.subject import Subject
from iosemu.subjects.archive.config import ArchiveConfig
from iosemu.subjects.archive.service import Archive

SUBJECT = Subject("archive", config=(ArchiveConfig,), services=(Archive,))
