"""`show crypto ipsec client ezvpn`: the clients at work, and what their servers gave."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.handling.context import Context
from iosemu.subjects.crypto.service.engine import CryptoEngine
from iosemu.subjects.crypto.service.ezvpn_connection import Connection, ServerPolicy


def show_client(context: Context, name: str | None = None) -> Iterator[str]:
    """`show crypto ipsec client ezvpn [name NAME]`."""
    yield "Easy VPN Remote Phase: 8"
    yield ""
    for each in context.device.service(CryptoEngine).ezvpn.all():
        if name in (None, each.name):
            yield from _connection(each)


def _connection(each: Connection) -> Iterator[str]:
    yield f"Tunnel name : {each.name}"
    yield f"Inside interface list: {', '.join(each.inside)}"
    outside = f"{each.access} (bound to {each.outside})" if each.access is not None else each.outside
    yield f"Outside interface: {outside} "
    yield f"Current State: {each.state.value}"
    yield f"Last Event: {each.event}"
    if each.active and each.policy is not None:
        yield from _policy(each, each.policy)
    if each.peer is not None:
        yield f"Current EzVPN Peer: {each.peer}"
    yield ""


def _policy(each: Connection, policy: ServerPolicy) -> Iterator[str]:
    if policy.address is not None:
        yield f"Address: {policy.address} (applied on {each.loopback})"
        yield f"Mask: {policy.netmask or '255.255.255.255'}"
    for label, servers in (("DNS", policy.dns), ("NBMS/WINS", policy.wins)):
        for rank, server in zip(("Primary", "Secondary"), servers, strict=False):
            yield f"{label} {rank}: {server}"
    if policy.domain:
        yield f"Default Domain: {policy.domain}"
    yield f"Save Password: {'Allowed' if policy.save_password else 'Disallowed'}"
    for number, split in enumerate(policy.split, 1):
        yield f"Split Tunnel List: {number}"
        yield f"       Address    : {split.network.network_address}"
        yield f"       Mask       : {split.network.netmask}"
        yield f"       Protocol   : 0x{split.protocol:X}"
        yield f"       Source Port: {split.source_port}"
        yield f"       Dest Port  : {split.destination_port}"
    if policy.split_dns:
        yield f"Split DNS List: {' '.join(policy.split_dns)}"
    for backup in policy.backups:
        yield f"Backup Gateway: {backup}"
