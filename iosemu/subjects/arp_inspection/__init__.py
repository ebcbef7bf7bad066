"""Dynamic ARP inspection: which stations of a switch may say that an address is theirs."""

from iosemu.box.subject import InterfaceSection, Section, Subject
from iosemu.subjects.arp_inspection.config import InspectionConfig, InspectionPort
from iosemu.subjects.arp_inspection.running import inspection_lines, port_lines
from iosemu.subjects.arp_inspection.service import ArpInspection

SUBJECT = Subject(
    "arp_inspection",
    config=(InspectionConfig,),
    services=(ArpInspection,),
    running=(Section("ip arp inspection", inspection_lines),),
    facets=(InspectionPort,),
    interface=(InterfaceSection("arp-inspection", port_lines),),
)
