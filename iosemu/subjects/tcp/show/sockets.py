"""`show ip sockets`, `show udp`: the datagram ports that someone listens at."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.handling.context import Context
from iosemu.ip.stack import IpStack


def show_sockets(context: Context) -> Iterator[str]:
    """`show ip sockets`, `show udp`."""
    yield "Proto        Remote      Port      Local       Port  In Out  Stat TTY OutputIF"
    for port in context.device.service(IpStack).udp_ports():
        yield f" 17 {'--listen--':>11}{'':>14} {'--any--':<15}{port:>6}{0:>4}{0:>4}{0:>6}{0:>4} "
