"""DHCP server, relay agent and client."""

from iosemu.box.subject import InterfaceSection, Section, Subject
from iosemu.subjects.dhcp.client import RouterClients
from iosemu.subjects.dhcp.config import (
    CLIENT_DEBUG,
    SERVER_EVENTS,
    SERVER_PACKET,
    DhcpClientPort,
    DhcpConfig,
    HelperAddresses,
)
from iosemu.subjects.dhcp.database import DhcpDatabase
from iosemu.subjects.dhcp.running import (
    bootp_lines,
    class_lines,
    client_defaults,
    client_lines,
    conflict_lines,
    database_lines,
    excluded_lines,
    forwarding_lines,
    helper_lines,
    ping_lines,
    pool_lines,
    relay_lines,
    service_lines,
    smart_lines,
    use_lines,
)
from iosemu.subjects.dhcp.service import DhcpServices

SUBJECT = Subject(
    "dhcp",
    config=(DhcpConfig,),
    services=(DhcpServices, RouterClients, DhcpDatabase),
    follows=("ip", "vrf"),
    running=(
        Section("service dhcp", service_lines),
        Section("ip dhcp use", use_lines),
        Section("ip dhcp bootp", bootp_lines),
        Section("ip dhcp database", database_lines),
        Section("ip dhcp smart-relay", smart_lines),
        Section("ip dhcp conflict", conflict_lines),
        Section("ip dhcp relay", relay_lines),
        Section("ip dhcp excluded-address", excluded_lines),
        Section("ip dhcp ping", ping_lines),
        Section("ip dhcp pool", pool_lines),
        Section("ip dhcp class", class_lines),
        Section("ip dhcp-client", client_defaults),
        Section("ip forward-protocol udp", forwarding_lines),
    ),
    facets=(HelperAddresses, DhcpClientPort),
    interface=(
        InterfaceSection("dhcp-client", client_lines),
        InterfaceSection("dhcp-relay", helper_lines),
    ),
    debugging=(SERVER_PACKET, SERVER_EVENTS, CLIENT_DEBUG),
)
