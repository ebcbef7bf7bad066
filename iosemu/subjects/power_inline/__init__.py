"""Power over Ethernet of a Catalyst: its budget, and what each port may give."""

from iosemu.box.subject import InterfaceSection, Subject
from iosemu.subjects.power_inline.config import InlinePower
from iosemu.subjects.power_inline.running_interface import power_lines

SUBJECT = Subject(
    "power_inline", facets=(InlinePower,), interface=(InterfaceSection("power-inline", power_lines),)
)
