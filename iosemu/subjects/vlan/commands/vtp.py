"""VTP's local settings: `vtp mode`, `vtp domain`, `show vtp status`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.box.interface_types import short_name
from iosemu.bridging.vlans import VlanConfig
from iosemu.handling.context import Context
from iosemu.handling.effects import Output
from iosemu.ip.config import IpSettings

NOBODY = str(IPv4Address(0))
"""The updater where no VLAN interface has an address."""


def mode(context: Context, mode: str = "server") -> Output:
    """`vtp mode …`."""
    config = context.device.config.of(VlanConfig)
    mode = "server" if context.off else mode
    if config.vtp_mode == mode:
        return f"Device mode already VTP {mode.upper()}."
    config.vtp_mode = mode
    return f"Setting device to VTP {mode.upper()} mode."


def domain(context: Context, name: str) -> Output:
    """`vtp domain NAME`; DTP tells it to its neighbors."""
    switch = context.device
    config = switch.config.of(VlanConfig)
    if config.vtp_domain == name:
        return f"Domain name already set to {name} ."
    before, config.vtp_domain = config.vtp_domain or "NULL", name
    return f"Changing VTP domain name from {before} to {name}"


def _digest(config: VlanConfig) -> list[str]:
    """A digest over domain and VLANs, as octets; equal databases have equal digests."""
    text = config.vtp_domain + "".join(
        f"/{vlan.number}:{vlan.name}:{vlan.mtu}:{vlan.suspended}:{vlan.remote_span}"
        for vlan in config.ethernet()
    )
    return [f"0x{octet:02X}" for octet in hashlib.md5(text.encode(), usedforsecurity=False).digest()]


def _updater(switch: Device) -> tuple[Interface | None, str]:
    """The interface whose address names the box, and how it was found."""
    found = [each for each in switch.interfaces.of_kind("Vlan") if each.config.of(IpSettings).addresses]
    if found:
        return min(
            found, key=lambda each: int(each.name.removeprefix("Vlan"))
        ), "lowest numbered VLAN interface"
    routed = (switch.interfaces[name] for name in switch.ports if name not in switch.switch_ports)
    return next((each for each in routed if each.config.of(IpSettings).addresses), None), "first interface"


def show_status(context: Context) -> Iterator[str]:
    """`show vtp status`; the model says in which of two layouts."""
    switch = context.device
    config = switch.config.of(VlanConfig)
    revision = config.revision if config.vtp_mode != "transparent" else 0
    updater, how = _updater(switch)
    address = str(updater.config.of(IpSettings).addresses[0].ip) if updater else NOBODY
    modified = f"Configuration last modified by {address} at {config.modified}"
    local = f"Local updater ID is {address} "
    local += (
        f"on interface {short_name(updater.name)} ({how} found)" if updater else "(no valid interface found)"
    )
    digest = _digest(config)
    if switch.model.facts.get("vtp_version_3", False):
        yield "VTP Version capable             : 1 to 3"
        yield "VTP version running             : 1"
        yield f"VTP Domain Name                 : {config.vtp_domain}"
        yield "VTP Pruning Mode                : Disabled"
        yield "VTP Traps Generation            : Disabled"
        yield f"Device ID                       : {switch.switch_mac.dotted}"
        yield modified
        if config.vtp_mode == "server":
            yield local
        yield ""
        yield "Feature VLAN:"
        yield "--------------"
        yield f"VTP Operating Mode                : {config.vtp_mode.capitalize()}"
        yield f"Maximum VLANs supported locally   : {switch.model.facts['max_vlans']}"
        yield f"Number of existing VLANs          : {len(config.vlans)}"
        yield f"Configuration Revision            : {revision}"
        yield f"MD5 digest                        : {' '.join(digest[:8])} "
        yield f"{'':36}{' '.join(digest[8:])} "
        return
    yield "VTP Version                     : 2"
    yield f"Configuration Revision          : {revision}"
    yield f"Maximum VLANs supported locally : {switch.model.facts['max_vlans']}"
    yield f"Number of existing VLANs        : {len(config.vlans)}"
    yield f"VTP Operating Mode              : {config.vtp_mode.capitalize()}"
    yield f"VTP Domain Name                 : {config.vtp_domain}"
    yield "VTP Pruning Mode                : Disabled"
    yield "VTP V2 Mode                     : Disabled"
    yield "VTP Traps Generation            : Disabled"
    yield f"MD5 digest                      : {' '.join(digest[:8])} "
    yield modified
    if config.vtp_mode == "server":
        yield local
