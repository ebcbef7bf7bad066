"""`show crypto sockets`: what protected tunnels want of IPsec, and whether they have it."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.interface_types import short_name
from iosemu.handling.context import Context
from iosemu.ipsec.selectors import Selector
from iosemu.subjects.crypto.service.engine import CryptoEngine
from iosemu.subjects.crypto.service.flow import CryptoFlow


def show_sockets(context: Context) -> Iterator[str]:
    """`show crypto sockets`."""
    engine = context.device.service(CryptoEngine)
    protected = dict(engine.protected.maps())
    sockets = [flow for flow in engine.flows.values() if flow.interface in protected]
    yield ""
    yield f"Number of Crypto Socket connections {len(sockets)}"
    yield ""
    for flow in sockets:
        yield from _socket(engine, flow)
    yield "Crypto Sockets in Listen state:"
    for crypto_map in protected.values():
        profile = next((entry.profile for entry in crypto_map.entries.values()), "")
        yield f'Client: "TUNNEL SEC" Profile: "{profile}" Map-name: "{crypto_map.name}"'


def _socket(engine: CryptoEngine, flow: CryptoFlow) -> Iterator[str]:
    entry = engine.entry_of(flow)
    peer = flow.peer(engine.policy.peers(entry)) if entry is not None else None
    local = engine.protected.source_of(flow.interface)
    yield f"   {short_name(flow.interface)} Peers (local/remote): {local}/{peer} "
    yield f"       Local Ident  (addr/mask/port/prot): {_ident(flow.selector, remote=False)}"
    yield f"       Remote Ident (addr/mask/port/prot): {_ident(flow.selector, remote=True)}"
    yield f'       IPSec Profile: "{entry.profile if entry is not None else ""}"'
    yield f"       Socket State: {'Open' if flow.pairs else 'Closed'}"
    yield f'       Client: "TUNNEL SEC" (Client State: {"Active" if flow.pairs else "Idle"})'


def _ident(selector: Selector, *, remote: bool) -> str:
    network = selector.remote if remote else selector.local
    port = selector.remote_port if remote else selector.local_port
    return f"({network.network_address}/{network.netmask}/{port}/{selector.protocol})"
