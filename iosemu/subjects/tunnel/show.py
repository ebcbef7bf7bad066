"""`show crypto ikev2 client flexvpn`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.handling.context import Context
from iosemu.ip.config import primary_address
from iosemu.subjects.crypto.config.flexvpn import FlexConfig
from iosemu.subjects.tunnel.config import Tunnel
from iosemu.subjects.tunnel.flexclients import ClientState, FlexClients, named_clients


def show_client(context: Context, name: str | None = None) -> Iterator[str]:
    """`show crypto ikev2 client flexvpn [NAME]`."""
    device = context.device
    for each in named_clients(context, name):
        client = device.config.of(FlexConfig).clients[each]
        running = device.service(FlexClients).running.get(each)
        state = running.state if running is not None else ClientState.IDLE
        config = device.config.interfaces.get(client.tunnel or "")
        tunnel = config.held(Tunnel) if config is not None else None
        address = primary_address(config) if state is ClientState.ACTIVE else None
        yield f"  Profile : {each}"
        yield f"  Current state:{state.value}"
        yield f"  Peer : {device.service(FlexClients).peer(each) or ''}"
        yield f"  Source : {tunnel.source if tunnel is not None and tunnel.source is not None else ''}"
        yield "  ivrf : IP DEFAULT"
        yield f"  fvrf : {tunnel.vrf if tunnel is not None and tunnel.vrf else 'IP DEFAULT'}"
        yield f"  Backup group: {'Default' if client.backup_group is None else client.backup_group}"
        yield f"  Tunnel interface : {client.tunnel or ''}"
        yield f"  Assigned IP address: {address or ''}"
        yield ""
