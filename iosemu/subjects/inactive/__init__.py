"""Shows of protocols that do not run."""

from iosemu.box.subject import Subject

SUBJECT = Subject("inactive")
