"""What spanning tree tells the log (outputs/syslog_switching)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.box.interface_types import short_name
from iosemu.net.stp_tree import DISAGREEMENTS
from iosemu.net.stp_types import Inconsistent

if TYPE_CHECKING:
    from iosemu.box.device import Device


def _log(device: Device, mnemonic: str, text: str) -> None:
    device.log("SPANTREE", 2, mnemonic, text)


def inconsistent(device: Device, where: str, event: Inconsistent) -> None:
    """A port was blocked by a guard, or lets frames pass again; who else blocks ports says so itself."""
    guard = event.kind or event.was
    if guard not in DISAGREEMENTS:
        mnemonic = f"{guard.upper()}GUARD_{'BLOCK' if event.kind else 'UNBLOCK'}"
        verb = "blocking" if event.kind else "unblocking"
        _log(device, mnemonic, f"{guard.capitalize()} guard {verb} port {event.port} on {where}.")
    if event.was == "pvst":
        _log(device, "PVSTSIM_OK", f"PVST Simulation inconsistency cleared on port {event.port}.")
    elif event.was == "peer":
        _log(device, "PVST_PEER_UNBLOCK", f"Unblocking port {event.port}.")
    elif event.was in DISAGREEMENTS:
        text = f"Unblocking {event.port} on {where}. Port consistency restored."
        _log(device, "UNBLOCK_CONSIST_PORT", text)


def guarded(device: Device, port: str, before: str, after: str) -> None:
    """`spanning-tree guard` was typed."""
    for guard, word in ((before, "disabled"), (after, "enabled")):
        if guard in ("root", "loop") and before != after:
            text = f"{guard.capitalize()} guard {word} on port {port}."
            _log(device, f"{guard.upper()}GUARD_CONFIG_CHANGE", text)


def heard_bpdu(device: Device, port: str) -> None:
    """BPDU guard is about to disable a port."""
    text = f"Received BPDU on port {short_name(port)} with BPDU Guard enabled. Disabling port."
    _log(device, "BLOCK_BPDUGUARD", text)


def uplinked(device: Device, where: str, port: str) -> None:
    """UplinkFast let a port forward at once."""
    text = f"{where} {port} moved to Forwarding (UplinkFast)."
    device.log("SPANTREE_FAST", 7, "PORT_FWD_UPLINK", text)


def misconfigured(device: Device, channel: str) -> None:
    """EtherChannel guard found that the other end is no bundle."""
    _log(device, "CHNL_MISCFG", f"Detected loop due to etherchannel misconfiguration of {channel}")
