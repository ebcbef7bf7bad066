"""`show tech-support`."""

from iosemu.box.subject import Subject

SUBJECT = Subject("tech_support")
