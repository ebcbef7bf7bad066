"""What every interface has."""

from iosemu.box.subject import InterfaceSection, Subject
from iosemu.subjects.interface.running import (
    bandwidth_lines,
    delay_lines,
    description_lines,
    encapsulation_lines,
    keepalive_lines,
    load_interval_lines,
    media_lines,
    mtu_lines,
    shutdown_lines,
)

SUBJECT = Subject(
    "interface",
    interface=(
        InterfaceSection("description", description_lines),
        InterfaceSection("encapsulation dot1Q", encapsulation_lines),
        InterfaceSection("mtu", mtu_lines),
        InterfaceSection("bandwidth", bandwidth_lines),
        InterfaceSection("delay", delay_lines),
        InterfaceSection("load-interval", load_interval_lines),
        InterfaceSection("shutdown", shutdown_lines),
        InterfaceSection("duplex", media_lines),
        InterfaceSection("keepalive", keepalive_lines),
    ),
)
