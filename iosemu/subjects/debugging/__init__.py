"""`debug all`, `undebug all` and `show debugging`."""

from iosemu.box.subject import Subject

SUBJECT = Subject("debugging")
