"""IPv4: addresses, ARP, ICMP."""

from iosemu.box.subject import Subject
from iosemu.ip.stack import IpStack

SUBJECT = Subject("ip", services=(IpStack,), follows=("interface", "switchport"))
