"""The ports of a router, with their subinterfaces and loopbacks."""

from iosemu.box.subject import Subject
from iosemu.ip.routed import RoutedPorts

SUBJECT = Subject("routed_port", services=(RoutedPorts,), follows=("interface",))
