"""`crypto keyring`: pre-shared keys for ISAKMP profiles."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Enter
from iosemu.handling.vrf import found_vrf
from iosemu.subjects.crypto.commands.masks import network_of
from iosemu.subjects.crypto.config.isakmp import IsakmpConfig
from iosemu.subjects.crypto.config.keyring import Keyring, PresharedKey


def keyring(context: Context, name: str, vrf: str = "") -> list[Enter] | None:
    """`[no] crypto keyring NAME [vrf V]`: enters the keyring, made when new."""
    isakmp: IsakmpConfig = context.device.config.of(IsakmpConfig)
    if context.off:
        user = next((each.name for each in isakmp.profiles.values() if name in each.keyrings), None)
        if user is not None:
            raise CommandError(f"% Keyring {name} is in use by ISAKMP profile {user}")
        isakmp.keyrings.pop(name, None)
        return None
    found_vrf(context.device, vrf)
    found = isakmp.keyrings.setdefault(name, Keyring(name, vrf=vrf))
    if vrf and found.vrf != vrf:
        raise CommandError(
            f"% Keyring {name} is in {f'VRF {found.vrf}' if found.vrf else 'the global VRF'} already"
        )
    return [Enter("conf-keyring", found)]


def key_address(
    context: Context,
    peer: IPv4Address,
    mask: IPv4Address | None = None,
    encoding: str | None = None,
    secret: str = "",
) -> str | None:
    """`[no] pre-shared-key address A [MASK] key SECRET`."""
    network = network_of(peer, mask)
    key = PresharedKey(secret, network, "", int(encoding) if encoding else None)
    return _key(context, key, f"address mask {network.network_address} {network.netmask}")


def key_hostname(context: Context, name: str, encoding: str | None = None, secret: str = "") -> str | None:
    """`[no] pre-shared-key hostname NAME key SECRET`."""
    return _key(
        context, PresharedKey(secret, None, name, int(encoding) if encoding else None), f"hostname {name}"
    )


def _key(context: Context, key: PresharedKey, shown: str) -> str | None:
    target = context.edited(Keyring)
    if context.off:
        target.remove(key.peer)
        return None
    if not target.add(key):
        return f"A pre-shared key for {shown} already exists!"
    return None


def key_lines(keyring: Keyring) -> Iterator[str]:
    """`pre-shared-key …`."""
    for key in keyring.keys:
        secret = f"{key.encoding} {key.secret}" if key.encoding is not None else key.secret
        if key.network is None:
            peer = f"hostname {key.hostname}"
        elif key.network.prefixlen == 32:
            peer = f"address {key.network.network_address}"
        else:
            peer = f"address {key.network.network_address} {key.network.netmask}"
        yield f"pre-shared-key {peer} key {secret}"
