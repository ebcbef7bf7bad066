"""The configuration archive."""

from iosemu.box.subject import Section, Subject
from iosemu.subjects.archive.change_log import ChangeLog
from iosemu.subjects.archive.config import ArchiveConfig
from iosemu.subjects.archive.running import archive_lines
from iosemu.subjects.archive.service import Archive

SUBJECT = Subject(
    "archive",
    config=(ArchiveConfig,),
    services=(Archive, ChangeLog),
    running=(Section("archive", archive_lines),),
)
