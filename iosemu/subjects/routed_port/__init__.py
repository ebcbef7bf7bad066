"""The ports of a router and their subinterfaces."""

from iosemu.box.subject import Subject
from iosemu.ip.routed import Dot1q, RoutedPorts
from iosemu.subjects.routed_port.running_interface import SECTIONS

SUBJECT = Subject(
    "routed_port", services=(RoutedPorts,), follows=("interface",), facets=(Dot1q,), interface=SECTIONS
)
