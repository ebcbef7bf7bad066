"""TCP of a box: its connections can be seen."""

from iosemu.box.subject import Subject
from iosemu.ip.tcp import Tcp

SUBJECT = Subject("tcp", services=(Tcp,))
