"""Power, fans and temperature."""

from iosemu.box.subject import Subject

SUBJECT = Subject("environment")
