"""IPv4: addresses, ARP, ICMP."""

from iosemu.box.subject import InterfaceSection, Subject
from iosemu.ip.stack import IpStack
from iosemu.subjects.ip.processes import process_rows
from iosemu.subjects.ip.running import address_lines, icmp_lines, mtu_lines, tcp_lines

SUBJECT = Subject(
    "ip",
    services=(IpStack,),
    follows=("interface", "switchport"),
    interface=(
        InterfaceSection("ip address", address_lines),
        InterfaceSection("ip redirects", icmp_lines),
        InterfaceSection("ip mtu", mtu_lines),
        InterfaceSection("ip tcp", tcp_lines),
    ),
    processes=process_rows,
)
