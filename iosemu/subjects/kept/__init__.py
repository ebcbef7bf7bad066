"""Lines that are accepted, shown and saved, without behaviour."""

from iosemu.box.subject import Subject

SUBJECT = Subject("kept")
