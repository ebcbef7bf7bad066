"""Port security."""

from iosemu.box.subject import Subject
from iosemu.subjects.port_security.running_interface import SECTIONS
from iosemu.subjects.port_security.service import PortSecurityGuard

SUBJECT = Subject("port_security", services=(PortSecurityGuard,), follows=("switchport",), interface=SECTIONS)
