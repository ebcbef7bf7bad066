"""What the Ethernet controllers of switch ports count, and what sits in their sockets."""

from iosemu.box.subject import Subject
from iosemu.subjects.ethernet_controller.service import EthernetControllers

SUBJECT = Subject("ethernet_controller", services=(EthernetControllers,))
