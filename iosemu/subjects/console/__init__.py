"""The keys of the simulator on a console."""

from iosemu.box.subject import Subject

SUBJECT = Subject("console")
