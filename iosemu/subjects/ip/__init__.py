"""IPv4: addresses, ARP, ICMP."""

from iosemu.box.subject import Subject
from iosemu.ip.config import AdjustMss, IpSettings
from iosemu.ip.stack import IpStack
from iosemu.subjects.ip.processes import process_rows
from iosemu.subjects.ip.running_interface import SECTIONS

SUBJECT = Subject(
    "ip",
    services=(IpStack,),
    follows=("interface", "routed_port", "switchport"),
    facets=(
        IpSettings,
        AdjustMss,
    ),
    interface=SECTIONS,
    processes=process_rows,
)
