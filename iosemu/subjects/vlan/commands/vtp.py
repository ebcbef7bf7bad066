"""VTP: `vtp …`, `show vtp status|counters|password`, `clear vtp counters`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.interface_types import short_name
from iosemu.bridging.vlans import VlanConfig
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Output
from iosemu.net.vtp import Counters
from iosemu.subjects.vlan.service import updater_of
from iosemu.subjects.vlan.vtp import Vtp

PASSWORD = 32
"""Characters of a password."""


def mode(context: Context, mode: str = "server") -> Output:
    """`vtp mode …`."""
    config = context.device.config.of(VlanConfig)
    mode = "server" if context.off else mode
    if config.vtp_mode == mode:
        return f"Device mode already VTP {mode.upper()}."
    if mode in ("server", "client") and any(vlan.private for vlan in config.vlans.values()):
        raise CommandError(f"Device mode cannot be VTP {mode.upper()} as private VLANs are configured.")
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


def password(context: Context, word: str = "") -> Output:
    """`vtp password WORD`; it is kept in vlan.dat, not in the configuration."""
    config = context.device.config.of(VlanConfig)
    if context.off:
        config.vtp_password = ""
        return "Clearing device VLAN database password."
    if len(word) > PASSWORD:
        raise CommandError(f"Invalid password length; must be between 1 and {PASSWORD} characters")
    if config.vtp_password == word:
        return "Password already set to " + word
    config.vtp_password = word
    return f"Setting device VLAN database password to {word}"


def version(context: Context, number: int = 1) -> Output:
    """`vtp version 1|2`."""
    config = context.device.config.of(VlanConfig)
    number = 1 if context.off else number
    if config.vtp_mode == "client":
        raise CommandError("Cannot modify version in VTP client mode")
    if config.vtp_version == number:
        return f"VTP mode already in V{number}."
    config.vtp_version = number
    return None


def pruning(context: Context) -> Output:
    """`[no] vtp pruning`."""
    config = context.device.config.of(VlanConfig)
    if config.vtp_mode == "client":
        raise CommandError("Cannot modify pruning unless in VTP server mode")
    if config.vtp_pruning == (not context.off):
        return f"Pruning already switched {'off' if context.off else 'on'}"
    config.vtp_pruning = not context.off
    return f"Pruning switched {'off' if context.off else 'on'}"


def show_status(context: Context) -> Iterator[str]:
    """`show vtp status`; the model says in which of two layouts."""
    switch = context.device
    config = switch.config.of(VlanConfig)
    revision = config.revision if config.vtp_mode != "transparent" else 0
    updater, address, how = updater_of(switch)
    modified = f"Configuration last modified by {config.updater} at {config.modified}"
    local = f"Local updater ID is {address} "
    local += (
        f"on interface {short_name(updater.name)} ({how} found)" if updater else "(no valid interface found)"
    )
    digest = [f"0x{octet:02X}" for octet in switch.service(Vtp).database().summary().digest]
    pruned = "Enabled" if config.vtp_pruning else "Disabled"
    if switch.model.facts.get("vtp_version_3", False):
        yield "VTP Version capable             : 1 to 3"
        yield f"VTP version running             : {config.vtp_version}"
        yield f"VTP Domain Name                 : {config.vtp_domain}"
        yield f"VTP Pruning Mode                : {pruned}"
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
    yield f"VTP Pruning Mode                : {pruned}"
    yield f"VTP V2 Mode                     : {'Enabled' if config.vtp_version == 2 else 'Disabled'}"
    yield "VTP Traps Generation            : Disabled"
    yield f"MD5 digest                      : {' '.join(digest[:8])} "
    yield modified
    if config.vtp_mode == "server":
        yield local


def show_password(context: Context) -> str:
    """`show vtp password`."""
    word = context.device.config.of(VlanConfig).vtp_password
    return f"VTP Password: {word}" if word else "The VTP password is not configured."


def show_counters(context: Context) -> Iterator[str]:
    """`show vtp counters`."""
    switch = context.device.service(Vtp).switch
    counters = switch.counters
    yield ""
    yield "VTP statistics:"
    for word, table in (("received", counters.received), ("transmitted", counters.sent)):
        for kind, count in table.items():
            yield f"{f'{kind.capitalize()} advertisements {word}':<35}: {count}"
    yield f"{'Number of config revision errors':<35}: {counters.revision_errors}"
    yield f"{'Number of config digest errors':<35}: {counters.digest_errors}"
    yield f"{'Number of V1 summary errors':<35}: {counters.version_errors}"
    yield ""
    yield ""
    yield "VTP pruning statistics:"
    yield ""
    yield "Trunk            Join Transmitted Join Received    Summary advts received from"
    yield "                                                   non-pruning-capable device"
    yield "---------------- ---------------- ---------------- ---------------------------"
    for trunk in sorted(switch.trunks):
        sent, received = counters.joins_sent.get(trunk, 0), counters.joins_received.get(trunk, 0)
        yield f"{short_name(trunk):<20}{sent:<17}{received:<17}0"


def clear_counters(context: Context) -> None:
    """`clear vtp counters`."""
    context.device.service(Vtp).switch.counters = Counters()
