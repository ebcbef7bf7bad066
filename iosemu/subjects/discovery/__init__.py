"""CDP and LLDP."""

from iosemu.box.subject import Fields, InterfaceSection, Section, Subject
from iosemu.subjects.discovery.config import CdpConfig, CdpPort, LldpConfig, LldpPort
from iosemu.subjects.discovery.running import med_lines, tlv_lines
from iosemu.subjects.discovery.service import Discovery

SUBJECT = Subject(
    "discovery",
    config=(CdpConfig, LldpConfig),
    services=(Discovery,),
    running=(
        Section("cdp", Fields(CdpConfig, ("advertise_v2", "timer", "holdtime", "log_duplex", "enabled"))),
        Section("lldp tlv-select", tlv_lines),
        Section("lldp", Fields(LldpConfig, ("timer", "holdtime", "reinit", "enabled"))),
    ),
    facets=(
        CdpPort,
        LldpPort,
    ),
    interface=(
        InterfaceSection("cdp", Fields(CdpPort, ("enabled",))),
        InterfaceSection("lldp", (Fields(LldpPort, ("transmit", "receive")), med_lines)),
    ),
)
