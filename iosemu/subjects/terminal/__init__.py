"""The terminal of a session."""

from iosemu.box.subject import Subject

SUBJECT = Subject("terminal")
