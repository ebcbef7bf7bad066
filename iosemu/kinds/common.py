"""What routers and switches both have, in the order in which it starts."""

from __future__ import annotations

from iosemu.subjects.aaa_servers import SUBJECT as AAA_SERVERS
from iosemu.subjects.access import SUBJECT as ACCESS
from iosemu.subjects.acl import SUBJECT as ACL
from iosemu.subjects.archive import SUBJECT as ARCHIVE
from iosemu.subjects.arp import SUBJECT as ARP
from iosemu.subjects.bgp import SUBJECT as BGP
from iosemu.subjects.boot import SUBJECT as BOOT
from iosemu.subjects.bridging import SUBJECT as BRIDGING
from iosemu.subjects.cef import SUBJECT as CEF
from iosemu.subjects.clock import SUBJECT as CLOCK
from iosemu.subjects.crypto_key import SUBJECT as CRYPTO_KEY
from iosemu.subjects.debugging import SUBJECT as DEBUGGING
from iosemu.subjects.dhcp import SUBJECT as DHCP
from iosemu.subjects.discovery import SUBJECT as DISCOVERY
from iosemu.subjects.eigrp import SUBJECT as EIGRP
from iosemu.subjects.environment import SUBJECT as ENVIRONMENT
from iosemu.subjects.etherchannel import SUBJECT as ETHERCHANNEL
from iosemu.subjects.event_manager import SUBJECT as EVENT_MANAGER
from iosemu.subjects.files import SUBJECT as FILES
from iosemu.subjects.glbp import SUBJECT as GLBP
from iosemu.subjects.hosts import SUBJECT as HOSTS
from iosemu.subjects.hsrp import SUBJECT as HSRP
from iosemu.subjects.inactive import SUBJECT as INACTIVE
from iosemu.subjects.interface import SUBJECT as INTERFACE
from iosemu.subjects.ip import SUBJECT as IP
from iosemu.subjects.ip_sla import SUBJECT as IP_SLA
from iosemu.subjects.kept import SUBJECT as KEPT
from iosemu.subjects.key_chain import SUBJECT as KEY_CHAIN
from iosemu.subjects.kron import SUBJECT as KRON
from iosemu.subjects.license import SUBJECT as LICENSE
from iosemu.subjects.lines import SUBJECT as LINES
from iosemu.subjects.logging import SUBJECT as LOGGING
from iosemu.subjects.mac_table import SUBJECT as MAC_TABLE
from iosemu.subjects.ntp import SUBJECT as NTP
from iosemu.subjects.ospf import SUBJECT as OSPF
from iosemu.subjects.ping import SUBJECT as PING
from iosemu.subjects.policy import SUBJECT as POLICY
from iosemu.subjects.processes import SUBJECT as PROCESSES
from iosemu.subjects.reload import SUBJECT as RELOAD
from iosemu.subjects.rip import SUBJECT as RIP
from iosemu.subjects.routing import SUBJECT as ROUTING
from iosemu.subjects.running_config import SUBJECT as RUNNING_CONFIG
from iosemu.subjects.snmp import SUBJECT as SNMP
from iosemu.subjects.span import SUBJECT as SPAN
from iosemu.subjects.spanning_tree import SUBJECT as SPANNING_TREE
from iosemu.subjects.ssh import SUBJECT as SSH
from iosemu.subjects.svi import SUBJECT as SVI
from iosemu.subjects.switchport import SUBJECT as SWITCHPORT
from iosemu.subjects.system import SUBJECT as SYSTEM
from iosemu.subjects.tcl import SUBJECT as TCL
from iosemu.subjects.tcp import SUBJECT as TCP
from iosemu.subjects.tech_support import SUBJECT as TECH_SUPPORT
from iosemu.subjects.telnet import SUBJECT as TELNET
from iosemu.subjects.terminal import SUBJECT as TERMINAL
from iosemu.subjects.track import SUBJECT as TRACK
from iosemu.subjects.version import SUBJECT as VERSION
from iosemu.subjects.vlan import SUBJECT as VLAN
from iosemu.subjects.vrf import SUBJECT as VRF
from iosemu.subjects.vrrp import SUBJECT as VRRP

FIRST = (
    SYSTEM,
    LINES,
    ACCESS,
    LOGGING,
    ARCHIVE,
    INTERFACE,
)
"""What the rest of a box stands on."""

PORTS = (
    BRIDGING,
    VLAN,
)
"""The switching plane, before what runs on its ports."""

NETWORK = (
    IP,
    TCP,
    ROUTING,
    ACL,
)
"""Packets: after the ports, before what protocols do with them."""

REST = (
    AAA_SERVERS,
    DISCOVERY,
    ARP,
    BOOT,
    DHCP,
    CLOCK,
    CRYPTO_KEY,
    DEBUGGING,
    ENVIRONMENT,
    EVENT_MANAGER,
    FILES,
    HOSTS,
    INACTIVE,
    KEPT,
    KRON,
    LICENSE,
    NTP,
    PING,
    PROCESSES,
    RELOAD,
    RUNNING_CONFIG,
    SNMP,
    SSH,
    TCL,
    TECH_SUPPORT,
    TELNET,
    TERMINAL,
    VERSION,
)

SWITCHING = (
    SPAN,
    ETHERCHANNEL,
    SPANNING_TREE,
    MAC_TABLE,
    SVI,
    SWITCHPORT,
)
"""What runs on switch ports, of a Catalyst or of a module in a router."""

ROUTERS = (
    VRF,
    CEF,
    KEY_CHAIN,
    EIGRP,
    OSPF,
    BGP,
    POLICY,
    RIP,
    IP_SLA,
    TRACK,
    HSRP,
    VRRP,
    GLBP,
)
"""What boxes that route have, beside static routes."""
