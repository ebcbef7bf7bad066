"""What a client knows, as `show dhcp lease` and `debug dhcp detail` tell it (outputs/show_dhcp_lease)."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.clock_text import hms
from iosemu.box.device import Device
from iosemu.net.dhcp.client import ClientState, DhcpClient
from iosemu.packets.dhcp import NOBODY, Option, dotted


def entry(device: Device, name: str, client: DhcpClient) -> Iterator[str]:
    """The lines about the client of an interface."""
    lease = client.lease
    address, mask = (lease.address.ip, lease.address.netmask) if lease is not None else (NOBODY, NOBODY)
    server = lease.server if lease is not None else NOBODY
    yield f"Temp IP addr: {address}  for peer on Interface: {name}"
    yield f"Temp  sub net mask: {mask}"
    yield f"   DHCP Lease server: {server}, state: {client.state.value} {client.state.name.capitalize()}"
    yield f"   DHCP transaction id: {client.transaction:X}"
    if lease is not None and lease.duration is None:
        yield "   Lease: Infinite"
    else:
        times = (lease.duration or 0, lease.renewal, lease.rebinding) if lease is not None else (0, 0, 0)
        seconds = [int(each) for each in times]
        yield f"   Lease: {seconds[0]} secs,  Renewal: {seconds[1]} secs,  Rebind: {seconds[2]} secs"
    if lease is not None and lease.routers:
        yield f"Temp default-gateway addr: {lease.routers[0]}"
    due = client.next_timer()
    yield f"   Next timer fires after: {hms(due - device.now)}" if due is not None else "   No timer running"
    sent = dict(client.options)
    identifier = sent.get(Option.CLIENT_IDENTIFIER, b"")
    shown = identifier[1:].decode("ascii", "replace") if identifier[:1] == b"\0" else dotted(identifier)
    retries = client.retries if client.state is not ClientState.BOUND else 0
    yield f"   Retry count: {retries}   Client-ID: {shown}"
    digits = (identifier[1:] if identifier[:1] == b"\0" else identifier).hex().upper()
    for at in range(0, len(digits), 32):
        yield f"{'   Client-ID hex dump: ' if not at else ' ' * 23}{digits[at : at + 32]}"
    yield f"   Hostname: {sent.get(Option.HOST_NAME, b'').decode('utf-8', 'replace')}"
