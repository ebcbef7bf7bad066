"""`show control-plane host open-ports`: who of this box can be reached, and who has reached it."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.vtys import vty_lines
from iosemu.handling.context import Context
from iosemu.ip.stack import IpStack
from iosemu.ip.tcp import Tcp

UDP_SERVICES = {
    67: "DHCPD Receive",
    68: "BootP client",
    123: "NTP",
    161: "IP SNMP",
    162: "IP SNMP",
    500: "ISAKMP",
    520: "RIP",
    1985: "HSRP",
    4500: "ISAKMP",
}
"""What IOS calls those who listen, by port."""
TCP_SERVICES = {22: "SSH-Server", 23: "Telnet", 80: "HTTP CORE", 179: "BGP", 443: "HTTP CORE"}
SSH, TELNET = 22, 23
_STATE = 8
"""Characters that there is room for."""
_Row = tuple[str, str, int, str]
"""Local and foreign address, the port that names the service, state."""


def show_open_ports(context: Context) -> Iterator[str]:
    """`show control-plane host open-ports`."""
    device = context.device
    yield "Active internet connections (servers and established)"
    yield _line("Prot", "Local Address", "Foreign Address", "Service", "State")
    for local, remote, port, state in sorted(
        [*_management(device), *_tcp(device)], key=lambda row: (row[2], row[3] != "LISTEN")
    ):
        yield _line("tcp", local, remote, TCP_SERVICES.get(port, ""), state[:_STATE])
    for port in device.service(IpStack).udp_ports():
        yield _line("udp", f"*:{port}", "*:0", UDP_SERVICES.get(port, ""), "LISTEN")


def _line(protocol: str, local: str, remote: str, service: str, state: str) -> str:
    return f"{protocol:>4}{local:>19}{remote:>26}{service:>18}{state:>10}"


def _management(device: Device) -> Iterator[_Row]:
    """Who came by SSH from outside the lab's network."""
    rows = device.service(Tcp).engine.rows(listeners=False)
    inside = {str(row.remote.address) for row in rows if row.remote is not None and row.port in (SSH, TELNET)}
    for line in vty_lines(device):
        if line.busy and line.origin and line.origin not in inside:
            yield "*:22", line.origin, 22, "ESTABLISHED"


def _tcp(device: Device) -> Iterator[_Row]:
    for row in device.service(Tcp).engine.rows():
        if row.remote is None:
            yield f"*:{row.port}", "*:0", row.port, "LISTEN"
        else:
            known = row.port if row.port in TCP_SERVICES else row.remote.port
            state = row.state.name.replace("_", "")
            yield f"*:{row.port}", f"{row.remote.address}:{row.remote.port}", known, state
