"""Serial lines."""

from iosemu.box.subject import Subject
from iosemu.ip.serial import SerialLines

SUBJECT = Subject("serial", services=(SerialLines,), follows=("interface",))
