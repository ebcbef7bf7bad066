"""CDP and LLDP."""

from iosemu.box.subject import InterfaceSection, Section, Subject
from iosemu.subjects.discovery.config import CdpConfig, LldpConfig
from iosemu.subjects.discovery.running import cdp_interface_lines, cdp_lines, lldp_interface_lines, lldp_lines
from iosemu.subjects.discovery.service import Discovery

SUBJECT = Subject(
    "discovery",
    config=(CdpConfig, LldpConfig),
    services=(Discovery,),
    running=(
        Section("cdp", cdp_lines),
        Section("lldp", lldp_lines),
    ),
    interface=(
        InterfaceSection("cdp", cdp_interface_lines),
        InterfaceSection("lldp", lldp_interface_lines),
    ),
)
