"""NTP."""

from iosemu.box.subject import Subject

SUBJECT = Subject("ntp")
