"""Routed interfaces."""

from iosemu.box.subject import Subject
from iosemu.ip.routed import RoutedPorts

SUBJECT = Subject("interface", services=(RoutedPorts,))
