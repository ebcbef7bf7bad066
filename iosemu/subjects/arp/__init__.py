"""ARP entries."""

from iosemu.box.subject import Section, Subject
from iosemu.ip.debug import ARP_PACKET
from iosemu.subjects.arp.processes import process_rows
from iosemu.subjects.arp.running import arp_lines

SUBJECT = Subject(
    "arp",
    running=(Section("arp", arp_lines),),
    processes=process_rows,
    debugging=(ARP_PACKET,),
)
