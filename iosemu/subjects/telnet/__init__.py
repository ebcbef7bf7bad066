"""Telnet from box to box over the lab's own network, in both directions."""

from iosemu.box.subject import Subject
from iosemu.subjects.telnet.service import Telnet

SUBJECT = Subject("telnet", services=(Telnet,), follows=("lines",))
