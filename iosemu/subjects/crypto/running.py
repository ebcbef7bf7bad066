"""IKE and IPsec in the running configuration."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.subjects.crypto.config.ezvpn import EzvpnConfig
from iosemu.subjects.crypto.config.identity import CryptoIdentities
from iosemu.subjects.crypto.config.ipsec import (
    IpsecConfig,
    IpsecStyle,
    Mode,
)
from iosemu.subjects.crypto.config.isakmp import (
    IsakmpConfig,
    IsakmpStyle,
)
from iosemu.subjects.crypto.config.maps import CryptoMapsConfig, map_mode
from iosemu.subjects.crypto.config.smart_defaults import DEFAULT


def keyring_lines(device: Device, render: Render) -> list[str]:
    """All keyrings."""
    lines: list[str] = []
    for each in device.config.of(IsakmpConfig).keyrings.values():
        lines.append(f"crypto keyring {each.name} {f'vrf {each.vrf}' if each.vrf else ''}")
        lines += [f"  {line}" for line in render("conf-keyring", each)]
    return lines


def isakmp_lines(device: Device, render: Render) -> list[str]:
    """Policies, keys and the rest, in the order of the running-config."""
    isakmp, style = device.config.of(IsakmpConfig), device.image.style(IsakmpStyle)
    lines = render("config", isakmp, only=("enabled",))
    for each in isakmp.policies.values():
        lines.append(f"crypto isakmp policy {each.priority}")
        lines += [f" {line}" for line in render("config-isakmp", each)]
    for key in isakmp.keys:
        secret = f"{key.encoding} {key.secret}" if key.encoding is not None else key.secret
        if key.network is None:
            line = f"crypto isakmp key {secret} hostname {key.hostname}"
        else:
            line = f"crypto isakmp key {secret} address {key.network.network_address}"
            if style.pad_key_address:
                line = line[: -len(str(key.network.network_address))]
                line += f"{key.network.network_address!s:<15}"
            if key.network.prefixlen not in (0, 32):
                line += f" {key.network.netmask}"
            elif key.network.prefixlen == 0 and not style.pad_key_address:
                line += " 0.0.0.0"
        lines.append(line + (" no-xauth" if key.no_xauth else ""))
    lines += render("config", isakmp, only=("identity", "fragmentation", "invalid_spi_recovery"))
    if isakmp.keepalive is not None:
        probe = isakmp.keepalive
        retry = f" {probe.retry}" if probe.retry != 2 else ""
        lines.append(
            f"crypto isakmp keepalive {probe.interval}{retry}{' periodic' if probe.periodic else ''}"
        )
    return lines + render("config", isakmp, only=("nat_keepalive", "aggressive_disabled"))


def client_group_lines(device: Device, render: Render) -> list[str]:
    """All groups of clients, separated by `!`."""
    isakmp = device.config.of(IsakmpConfig)
    lines: list[str] = []
    if isakmp.address_pool is not None:
        lines.append(f"crypto isakmp client configuration address-pool local {isakmp.address_pool}")
    for each in isakmp.groups.values():
        lines += [
            *(["!"] if lines else []),
            f"crypto isakmp client configuration group {each.name}",
            *(f" {line}" for line in render("config-isakmp-group", each)),
        ]
    return lines


def isakmp_profile_lines(device: Device, render: Render) -> list[str]:
    """All peers and profiles."""
    isakmp: IsakmpConfig = device.config.of(IsakmpConfig)
    lines: list[str] = []
    for each in isakmp.peers.values():
        lines.append(f"crypto isakmp peer address {each.address}")
        lines += [f" {line}" for line in render("config-isakmp-peer", each)]
    for found in isakmp.profiles.values():
        lines.append(f"crypto isakmp profile {found.name}")
        lines += [f"   {line}" for line in render("conf-isa-prof", found)]
    return lines


def ipsec_lines(device: Device, render: Render) -> list[str]:
    """Lifetimes and transform sets."""
    ipsec, style = device.config.of(IpsecConfig), device.image.style(IpsecStyle)
    lines = render("config", ipsec, only=("lifetime_kilobytes", "lifetime_seconds"))
    if ipsec.idle_time:
        lines.append(f"crypto ipsec security-association idle-time {ipsec.idle_time}")
    if ipsec.dummies is not None:
        lines.append(f"crypto ipsec security-association dummy {ipsec.dummies}")
    if ipsec.replay_window == 0:
        lines.append("crypto ipsec security-association replay disable")
    elif ipsec.replay_window != 64:
        lines.append(f"crypto ipsec security-association replay window-size {ipsec.replay_window}")
    if style.default_transform_set and not ipsec.default_transform_set:
        lines.append(f"no crypto ipsec transform-set {DEFAULT}")
    for each in ipsec.transform_sets.values():
        lines.append(f"crypto ipsec transform-set {each.name} {' '.join(each.transforms)} ")
        if each.mode is Mode.TRANSPORT or style.mode_tunnel_shown:
            lines.append(f" mode {each.mode.name.lower()}")
    return lines + render("config", ipsec, only=("df_bit", "fragment_first", "nat_transparency"))


def ipsec_profile_lines(device: Device, render: Render) -> list[str]:
    """All profiles, separated by `!`."""
    maps = device.config.of(CryptoMapsConfig)
    built_in = device.image.style(IpsecStyle).default_transform_set
    off = built_in and not maps.default_profile
    lines = [f"no crypto ipsec profile {DEFAULT}", "!"] if off else []
    for name, entry in maps.profiles.items():
        lines += [
            f"crypto ipsec profile {name}",
            *(f" {line}" for line in render("ipsec-profile", entry)),
            "!",
        ]
    return lines


def ezvpn_lines(device: Device, render: Render) -> list[str]:
    """All Easy VPN clients."""
    lines: list[str] = []
    for each in device.config.of(EzvpnConfig).clients.values():
        inner = (f" {line}" for line in render("config-crypto-ezvpn", each))
        lines += [*(["!"] if lines else []), f"crypto ipsec client ezvpn {each.name}", *inner]
    return lines


def identity_lines(device: Device, render: Render) -> list[str]:
    """All crypto identities, separated by `!`."""
    lines: list[str] = []
    for each in device.config.of(CryptoIdentities).identities.values():
        inner = (f" {line}" for line in render("crypto-identity", each))
        lines += [*(["!"] if lines else []), f"crypto identity {each.name}", *inner]
    return lines


def map_lines(device: Device, render: Render) -> list[str]:
    """All dynamic maps and crypto maps, a `!` after each entry."""
    lines: list[str] = []
    maps: CryptoMapsConfig = device.config.of(CryptoMapsConfig)
    for templates in maps.dynamic.values():
        for entry in templates.entries.values():
            lines.append(f"crypto dynamic-map {entry.name} {entry.sequence}")
            lines += [*(f" {line}" for line in render("config-crypto-map", entry)), "!"]
    for each in maps.maps.values():
        if each.local_address is not None:
            lines.append(f"crypto map {each.name} local-address {each.local_address}")
        if each.isakmp_profile is not None:
            lines.append(f"crypto map {each.name} isakmp-profile {each.isakmp_profile}")
        if each.replay_interval is not None:
            inbound, outbound = each.replay_interval
            interval = f"inbound {inbound} outbound {outbound}"
            lines.append(f"crypto map {each.name} redundancy replay-interval {interval}")
        lines += [f"crypto map {each.name} {line}" for line in each.clients.lines()]
        for entry in each.entries.values():
            if entry.dynamic is not None:
                lines.append(
                    f"crypto map {entry.name} {entry.sequence} ipsec-isakmp dynamic {entry.dynamic} "
                )
                continue
            lines.append(f"crypto map {entry.name} {entry.sequence} {entry.kind} ")
            if not entry.complete and entry.group is None:
                lines.append(" ! Incomplete")
            lines += [*(f" {line}" for line in render(map_mode(entry), entry)), "!"]
    if lines and lines[-1] == "!":
        lines.pop()
    return lines
