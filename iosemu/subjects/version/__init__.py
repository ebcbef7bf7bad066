"""Version and inventory."""

from iosemu.box.subject import Subject

SUBJECT = Subject("version")
