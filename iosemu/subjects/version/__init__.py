"""Version and inventory."""

from iosemu.box.subject import Section, Subject
from iosemu.subjects.version.running import version_lines

SUBJECT = Subject("version", running=(Section("version", version_lines),))
