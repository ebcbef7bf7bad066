"""`show crypto isakmp peers config`: the clients of an Easy VPN server."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.handling.context import Context
from iosemu.subjects.crypto.service.engine import CryptoEngine


def show_peers_config(context: Context) -> Iterator[str]:
    """`show crypto isakmp peers config`: a paragraph for each client."""
    for each in list(context.device.service(CryptoEngine).clients.sessions.values()):
        facts = [f"Client-Public-Addr={each.peer.address}:{each.peer.port}"]
        if each.address is not None:
            facts.append(f"Client-Assigned-Addr={each.address}")
        facts.append(f"Client-Group={each.group}")
        facts.append(f"Client-User={each.user}")
        yield "; ".join(facts) + ";"
        yield ""
