"""`show crypto map` and `show crypto dynamic-map`."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network

from iosemu.box.device import Device
from iosemu.handling.context import Context, Render
from iosemu.ipsec.selectors import Selector
from iosemu.subjects.acl.config import AclsConfig
from iosemu.subjects.acl.text import entry_words
from iosemu.subjects.crypto.config.ipsec import transform_names
from iosemu.subjects.crypto.config.maps import (
    CryptoMap,
    CryptoMapBinding,
    CryptoMapEntry,
    CryptoMapsConfig,
    CryptoMapStyle,
)
from iosemu.subjects.crypto.config.session_keys import ManualKeys, SessionKey
from iosemu.subjects.crypto.config.smart_defaults import transform_sets
from iosemu.subjects.crypto.service.engine import CryptoEngine

Lines = Iterator[tuple[int, str]]
"""Depth of indentation, and text."""


def show_map(
    context: Context,
    interface: bool = False,
    port: str | None = None,
    tag: bool = False,
    name: str | None = None,
) -> Iterator[str]:
    """`show crypto map [interface I | tag NAME]`."""
    router = context.device
    applied = router.service(CryptoEngine).policy.map_of(port) if port is not None else None
    wanted = applied.name if applied is not None else None
    tunnels = [each for _interface, each in router.service(CryptoEngine).protected.maps()]
    for each in [*router.config.of(CryptoMapsConfig).maps.values(), *tunnels]:
        if (port is not None and each.name != wanted) or name not in (None, each.name):
            continue
        yield from _map(router, each, context.session.render)


def show_dynamic_map(context: Context, tag: bool = False, name: str | None = None) -> Iterator[str]:
    """`show crypto dynamic-map [tag NAME]`."""
    router = context.device
    style = router.image.style(CryptoMapStyle)
    for each in list(router.config.of(CryptoMapsConfig).dynamic.values()):
        if name not in (None, each.name):
            continue
        for entry in list(each.entries.values()):
            yield f'Crypto Map Template"{each.name}" {entry.sequence}'
            yield from _indented(style, _identity(router, entry, None, context.session.render))
            yield from _indented(style, _rest(router, entry, style))
            yield ""


def _indented(style: CryptoMapStyle, lines: Lines) -> Iterator[str]:
    tab = "\t" if style.tabs else "        "
    for depth, line in lines:
        yield f"{tab * depth}{line}" if line else line


def _map(router: Device, each: CryptoMap, render: Render) -> Iterator[str]:
    style = router.image.style(CryptoMapStyle)
    entries: list[tuple[CryptoMapEntry, Selector | None]] = [
        (entry, entry.selector) for entry in each.entries.values()
    ]
    entries += [
        (entry, selector)
        for entry, selector in router.service(CryptoEngine).temporary.of(each.name)
        if any(
            flow.pairs
            for flow in router.service(CryptoEngine).flows.values()
            if flow.sequence == entry.sequence
        )
    ]
    if each.local_address is not None:
        address = router.service(CryptoEngine).addresses.local_of(each.local_address)
        yield f'Crypto Map: "{each.name}" idb: {each.local_address} local address: {address or "0.0.0.0"}'  # noqa: S104 - printed
        yield ""
    for entry, selector in entries:
        if entry.profile is not None and entry is entries[0][0]:
            yield from _profile(router, entry, style)
        label = "IPv4 " if style.ipv4_label else ""
        yield f'Crypto Map {label}"{each.name}" {entry.sequence} {entry.kind}'
        facts = _group(entry) if entry.gdoi else _facts(router, entry, selector, style, render)
        yield from _indented(style, facts)
        yield from _indented(style, _interfaces(router, each))
        yield ""


def _profile(router: Device, entry: CryptoMapEntry, style: CryptoMapStyle) -> Iterator[str]:
    """The IPsec profile that the entry of a tunnel was made from, as an entry before it."""
    label = "IPv4 " if style.ipv4_label else ""
    yield f'Crypto Map {label}"{entry.name}" {entry.sequence - 1} ipsec-isakmp'
    yield from _indented(style, iter([(1, f"Profile name: {entry.profile}"), *_rest(router, entry, style)]))
    yield ""


def _interfaces(router: Device, each: CryptoMap) -> Lines:
    yield 1, f"Interfaces using crypto map {each.name}:"
    for interface in list(router.config.interfaces.values()):
        if interface.of(CryptoMapBinding).name == each.name:
            yield 2, interface.name
    for name, of_tunnel in list(router.service(CryptoEngine).protected.maps()):
        if of_tunnel.name == each.name:
            yield 2, name


def _group(entry: CryptoMapEntry) -> Lines:
    if entry.description:
        yield 1, f"Description: {entry.description}"
    if entry.group is None:
        yield 1, "WARNING: This crypto map is in an incomplete state!"
        yield 2, "(missing group)"
        return
    yield 1, f"Group Name: {entry.group}"
    if entry.access_list is not None:
        yield 1, f"Extended IP access list {entry.access_list}"


def _facts(
    router: Device, entry: CryptoMapEntry, selector: Selector | None, style: CryptoMapStyle, render: Render
) -> Lines:
    if selector is None and entry.dynamic is not None:
        yield 1, f"Dynamic map template tag: {entry.dynamic}"
        return
    if selector is None and (not entry.peers or entry.access_list is None):
        yield 1, "WARNING: This crypto map is in an incomplete state!"
        yield 2, "(missing peer or access-list definitions)"
    yield from _identity(router, entry, selector, render)
    if entry.peers:
        yield 1, f"Current peer: {_current_peer(router, entry)}"
    if entry.manual is None:
        yield from _rest(router, entry, style)
        return
    yield from _transform_sets(router, entry)
    yield from _session_keys(entry.manual)


def _session_keys(keys: ManualKeys) -> Lines:
    """As the command reference has it; nothing while none was typed."""
    if not keys:
        return
    for title, each in (("Inbound", keys.inbound), ("Outbound", keys.outbound)):
        esp, header = each.esp or SessionKey(0), each.ah or SessionKey(0)
        yield 1, f"{title} esp spi:  {esp.spi},"
        yield 1, f" cipher key: {esp.cipher},"
        yield 1, f" auth_key: {esp.authenticator},"
        yield 1, f"{title} ah spi:  {header.spi},"
        yield 1, f"        key:     {header.authenticator},"


def _identity(router: Device, entry: CryptoMapEntry, selector: Selector | None, render: Render) -> Lines:
    if entry.description:
        yield 1, f"Description: {entry.description}"
    if entry.selector is not None:
        yield 1, "Map is a PROFILE INSTANCE."
    for peer in entry.peers:
        yield 1, f"Peer = {peer}{' (default)' if peer == entry.default_peer else ''}"
    if entry.identity is not None:
        yield 1, f"Identity: {entry.identity}"
    profile = router.config.of(CryptoMapsConfig).profile_of(entry)
    if profile is not None and entry.ikev2_profile is None:
        yield 1, f"ISAKMP Profile: {profile}"
    if entry.ikev2_profile is not None:
        yield 1, f"IKEv2 Profile: {entry.ikev2_profile}"
    if selector is not None:
        template = router.service(CryptoEngine).temporary.template(entry.name, entry.sequence)
        yield 1, "Extended IP access list "
        yield 1, f"    access-list  permit {_words(selector)}"
        if template is not None:
            yield 1, f"    dynamic (created from dynamic map {template.name}/{template.sequence})"
    elif entry.access_list is None:
        yield 1, "No matching address list set."
    else:
        yield 1, f"Extended IP access list {entry.access_list}"
        found = router.config.of(AclsConfig).get(entry.access_list)
        if found is not None:
            for line in found.entries:
                yield 1, f"    access-list {entry.access_list} {entry_words(render, found, line)}"
    for direction, group in (("IN", entry.access_group_in), ("OUT", entry.access_group_out)):
        if group is not None:
            yield 1, f"Extended IP access check {direction} list {group}"


def _words(selector: Selector) -> str:
    protocol = {0: "ip", 1: "icmp", 6: "tcp", 17: "udp", 47: "gre"}.get(
        selector.protocol, str(selector.protocol)
    )
    return f"{protocol} {_side(selector.local, selector.local_port)} {_side(selector.remote, selector.remote_port)}"


def _side(network: IPv4Network, port: int) -> str:
    if network.prefixlen == 32:
        text = f"host {network.network_address}"
    elif network.prefixlen == 0:
        text = "any"
    else:
        text = f"{network.network_address} {network.hostmask}"
    return f"{text} eq {port}" if port else text


def _rest(router: Device, entry: CryptoMapEntry, style: CryptoMapStyle) -> Lines:
    seconds, kilobytes = router.service(CryptoEngine).policy.lifetimes(entry)
    yield 1, f"Security association lifetime: {kilobytes} kilobytes/{seconds} seconds"
    if entry.idle_time is not None:
        yield 1, f"Security association idletime: {entry.idle_time} seconds"
    if entry.per_host:
        yield 1, "Security association level: per-host"
    if style.responder_only:
        yield 1, f"Responder-Only (Y/N): {'Y' if entry.responder_only else 'N'}"
    yield 1, f"PFS (Y/N): {'Y' if entry.pfs_group else 'N'}"
    if entry.pfs_group:
        yield 1, f"DH group:  group{entry.pfs_group}"
    yield from _transform_sets(router, entry)
    if entry.reverse_route:
        yield 1, "Reverse Route Injection Enabled"


def _transform_sets(router: Device, entry: CryptoMapEntry) -> Lines:
    yield 1, "Transform sets={"
    for name in entry.transform_sets:
        found_set = transform_sets(router).get(name)
        if found_set is not None:
            yield 2, f"{name}:  {{ {' '.join(transform_names(found_set.proposal()))}  }} ,"
    yield 1, "}"


def _current_peer(router: Device, entry: CryptoMapEntry) -> IPv4Address | str:
    for flow in router.service(CryptoEngine).flows.values():
        if (flow.map_name, flow.sequence) == (entry.name, entry.sequence):
            pair = flow.current(router.now)
            peer = pair.peer if pair is not None else router.service(CryptoEngine).peer_of(flow)
            if peer is not None:
                return peer
    return entry.default_peer or entry.peers[0]
