"""`crypto map`: entries, their submode, their place on interfaces, and `show crypto map`."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from iosemu.device.config.crypto_map import (
    GROUPS,
    CryptoMap,
    CryptoMapEntry,
    CryptoMapsConfig,
    CryptoMapStyle,
)
from iosemu.device.config.interface import InterfaceConfig
from iosemu.device.config.ipsec import transform_names
from iosemu.device.router import Router
from iosemu.features.acl_text import extended_words
from iosemu.features.context import Context, Render
from iosemu.features.effects import CommandError, Enter

MAXIMUM_TRANSFORM_SETS = 6
NOTE = (
    "% NOTE: This new crypto map will remain disabled until a peer",
    "\tand a valid access list have been configured.",
)

# --- configuration -----------------------------------------------------------------------------------


def crypto_map(
    context: Context, name: str, sequence: int | None = None, ipsec_isakmp: bool = False
) -> list[str | Enter] | None:
    """`[no] crypto map NAME [N] [ipsec-isakmp]`: enters the entry, made when new."""
    maps: CryptoMapsConfig = context.device.config.crypto_maps
    if context.negated:
        maps.remove(name, sequence)
        context.device.crypto.maps_changed()
        return None
    assert sequence is not None
    found = maps.maps.get(name)
    new = found is None or sequence not in found.entries
    if new and not ipsec_isakmp:
        raise CommandError("% Invalid keyword: a new crypto map entry needs ipsec-isakmp")
    entry = maps.make(name).entry(sequence)
    announce = new and context.device.image.style(CryptoMapStyle).announce_new
    return [*(NOTE if announce else ()), Enter("config-crypto-map", entry)]


def local_address(context: Context, name: str, port: str | None = None) -> None:
    """`[no] crypto map NAME local-address INTERFACE`."""
    maps: CryptoMapsConfig = context.device.config.crypto_maps
    maps.make(name).local_address = None if context.negated else port
    if context.negated and not maps.maps[name].entries:
        maps.remove(name)


def interface_crypto_map(context: Context, name: str | None = None) -> None:
    """`[no] crypto map NAME` on an interface."""
    interface: InterfaceConfig = context.target
    router: Router = context.device
    if context.negated or context.defaulted:
        if name in (None, interface.crypto_map):
            interface.crypto_map = None
    elif router.config.crypto_maps.get(name) is None:
        raise CommandError(f'ERROR: Crypto Map with tag "{name}" does not exist.')
    else:
        interface.crypto_map = name
    router.crypto.interface_changed(interface.name)


def description(context: Context, text: str = "") -> None:
    """`[no] description TEXT`."""
    context.target.description = "" if context.negated else text


def match_address(context: Context, acl: str | None = None) -> None:
    """`[no] match address ACL`; the list need not exist yet."""
    context.target.access_list = None if context.negated else acl


def set_peer(context: Context, endpoint: IPv4Address | None = None, default: bool = False) -> None:
    """`[no] set peer A`: peers are tried in the order given."""
    entry: CryptoMapEntry = context.target
    if context.negated:
        entry.peers = [] if endpoint is None else [peer for peer in entry.peers if peer != endpoint]
    elif endpoint is not None and endpoint not in entry.peers:
        entry.peers.insert(0 if default else len(entry.peers), endpoint)


def set_transform_set(context: Context, names: tuple[str, ...] = ()) -> None:
    """`[no] set transform-set A [B …]`: in order of preference, at most six."""
    entry: CryptoMapEntry = context.target
    if context.negated:
        entry.transform_sets = [name for name in entry.transform_sets if names and name not in names]
        return
    if len(names) > MAXIMUM_TRANSFORM_SETS:
        raise CommandError(f"ERROR: at most {MAXIMUM_TRANSFORM_SETS} transform sets may be specified.")
    for name in names:
        if name not in context.device.config.ipsec.transform_sets:
            raise CommandError(f'ERROR: transform set with tag "{name}" does not exist.')
    entry.transform_sets = list(names)


def set_pfs(context: Context, group: str = "group1") -> None:
    """`[no] set pfs [GROUP]`; bare means group 1."""
    context.target.pfs_group = None if context.negated else GROUPS[group]


def set_lifetime_seconds(context: Context, duration: int | None = None) -> None:
    """`[no] set security-association lifetime seconds N`."""
    context.target.lifetime_seconds = None if context.negated else duration


def set_lifetime_kilobytes(context: Context, volume: int | None = None) -> None:
    """`[no] set security-association lifetime kilobytes N`."""
    context.target.lifetime_kilobytes = None if context.negated else volume


def set_per_host(context: Context) -> None:
    """`[no] set security-association level per-host`."""
    context.target.per_host = not context.negated


def set_idle_time(context: Context, idle: int | None = None) -> None:
    """`[no] set security-association idle-time N`."""
    context.target.idle_time = None if context.negated else idle
    context.device.crypto.life.arm()


def running_config(device: Router, render: Render) -> list[str]:
    """All crypto maps, a `!` after each entry."""
    lines: list[str] = []
    for each in device.config.crypto_maps.maps.values():
        if each.local_address is not None:
            lines.append(f"crypto map {each.name} local-address {each.local_address}")
        for entry in each.entries.values():
            lines.append(f"crypto map {entry.name} {entry.sequence} ipsec-isakmp ")
            lines += _entry(entry)
            lines.append("!")
    if lines and lines[-1] == "!":
        lines.pop()
    return lines


def _entry(entry: CryptoMapEntry) -> Iterator[str]:
    if not entry.complete:
        yield " ! Incomplete"
    if entry.description:
        yield f" description {entry.description}"
    for peer in entry.peers:
        yield f" set peer {peer}"
    if entry.lifetime_kilobytes is not None:
        yield f" set security-association lifetime kilobytes {entry.lifetime_kilobytes}"
    if entry.lifetime_seconds is not None:
        yield f" set security-association lifetime seconds {entry.lifetime_seconds}"
    if entry.per_host:
        yield " set security-association level per-host"
    if entry.idle_time is not None:
        yield f" set security-association idle-time {entry.idle_time}"
    if entry.transform_sets:
        yield f" set transform-set {' '.join(entry.transform_sets)} "
    if entry.pfs_group is not None:
        yield f" set pfs group{entry.pfs_group}"
    if entry.access_list is not None:
        yield f" match address {entry.access_list}"
    if entry.reverse_route:
        yield " reverse-route"


# --- shows -------------------------------------------------------------------------------------------


def show_map(
    context: Context,
    interface: bool = False,
    port: str | None = None,
    tag: bool = False,
    name: str | None = None,
) -> Iterator[str]:
    """`show crypto map [interface I | tag NAME]`."""
    router: Router = context.device
    wanted = router.config.interfaces[port].crypto_map if port in router.config.interfaces else None
    for each in router.config.crypto_maps.maps.values():
        if (port is not None and each.name != wanted) or name not in (None, each.name):
            continue
        yield from _map(router, each)


def _map(router: Router, each: CryptoMap) -> Iterator[str]:
    style = router.image.style(CryptoMapStyle)
    tab = "\t" if style.tabs else "        "
    for entry in each.entries.values():
        yield f'Crypto Map {"IPv4 " if style.ipv4_label else ""}"{each.name}" {entry.sequence} ipsec-isakmp'
        for depth, line in _facts(router, entry, style):
            yield f"{tab * depth}{line}"
        yield f"{tab}Interfaces using crypto map {each.name}:"
        for interface in router.config.interfaces.values():
            if interface.crypto_map == each.name:
                yield f"{tab * 2}{interface.name}"
        yield ""


def _facts(router: Router, entry: CryptoMapEntry, style: CryptoMapStyle) -> Iterator[tuple[int, str]]:
    if not entry.peers or entry.access_list is None:
        yield 1, "WARNING: This crypto map is in an incomplete state!"
        yield 2, "(missing peer or access-list definitions)"
    if entry.description:
        yield 1, f"Description: {entry.description}"
    for peer in entry.peers:
        yield 1, f"Peer = {peer}"
    if entry.access_list is None:
        yield 1, "No matching address list set."
    else:
        yield 1, f"Extended IP access list {entry.access_list}"
        found = router.config.acls.get(entry.access_list)
        for line in found.entries if found is not None else ():
            yield 1, f"    access-list {entry.access_list} {extended_words(line, pad=False)}"
    if entry.peers:
        yield 1, f"Current peer: {_current_peer(router, entry)}"
    seconds, kilobytes = router.crypto.policy.lifetimes(entry)
    yield 1, f"Security association lifetime: {kilobytes} kilobytes/{seconds} seconds"
    if style.responder_only:
        yield 1, "Responder-Only (Y/N): N"
    yield 1, f"PFS (Y/N): {'Y' if entry.pfs_group else 'N'}"
    if entry.pfs_group:
        yield 1, f"DH group:  group{entry.pfs_group}"
    yield 1, "Transform sets={"
    for name in entry.transform_sets:
        found_set = router.config.ipsec.transform_sets.get(name)
        if found_set is not None:
            yield 2, f"{name}:  {{ {' '.join(transform_names(found_set.proposal()))}  }} ,"
    yield 1, "}"


def _current_peer(router: Router, entry: CryptoMapEntry) -> IPv4Address:
    for flow in router.crypto.flows.values():
        if (flow.map_name, flow.sequence) == (entry.name, entry.sequence):
            pair = flow.current(router.now)
            peer = pair.peer if pair is not None else flow.peer(entry)
            if peer is not None:
                return peer
    return entry.peers[0]
