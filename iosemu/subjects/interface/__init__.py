"""What every interface has."""

from iosemu.box.subject import Subject
from iosemu.subjects.interface.keepalives import EthernetKeepalives
from iosemu.subjects.interface.running_interface import SECTIONS

SUBJECT = Subject("interface", services=(EthernetKeepalives,), interface=SECTIONS)
