"""`ping` and `traceroute`."""

from iosemu.box.subject import Subject

SUBJECT = Subject("ping")
