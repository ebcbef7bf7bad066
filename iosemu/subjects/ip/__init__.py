"""IPv4: addresses, ARP, ICMP."""

from iosemu.box.subject import Section, Subject
from iosemu.ip.config import AdjustMss, IcmpConfig, IpSettings
from iosemu.ip.debug import ICMP_PACKET, IP_PACKET
from iosemu.ip.mss import MssClamp
from iosemu.ip.stack import IpStack
from iosemu.subjects.ip.processes import process_rows
from iosemu.subjects.ip.running import icmp_lines
from iosemu.subjects.ip.running_interface import SECTIONS

SUBJECT = Subject(
    "ip",
    config=(IcmpConfig,),
    services=(IpStack, MssClamp),
    running=(Section("ip icmp", icmp_lines),),
    follows=("interface", "routed_port", "switchport", "vrf"),
    facets=(
        IpSettings,
        AdjustMss,
    ),
    interface=SECTIONS,
    processes=process_rows,
    debugging=(IP_PACKET, ICMP_PACKET),
)
