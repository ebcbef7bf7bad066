"""SNMP: its configuration is kept and shown; no agent answers, so what it counts is nothing."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.system import SystemConfig
from iosemu.handling.context import Context
from iosemu.handling.effects import Output
from iosemu.subjects.version.show.version import serial_number


def _lines(device: Device) -> list[str]:
    kept: dict[str, str] = device.config.of(SystemConfig).kept
    return [line for line in kept.values() if line.startswith("snmp-server ")]


def community(context: Context, name: str, mode: str = "ro", number: str = "", rest: str = "") -> None:
    """`snmp-server community NAME [ro | rw] [ACL]`: shown with the mode in capitals."""
    kept: dict[str, str] = context.device.config.of(SystemConfig).kept
    key = f"snmp-server community {name}"
    if context.off:
        kept.pop(key, None)
    else:
        kept[key] = f"{key} {mode.upper()}{f' {number}' if number else ''}"


def show_snmp(context: Context) -> Iterator[str]:
    """`show snmp`."""
    lines = _lines(context.device)
    if not lines:
        yield "%SNMP agent not enabled"
        return
    yield f"Chassis: {_chassis(context.device)}"
    for word in ("contact", "location"):
        for line in lines:
            if line.startswith(f"snmp-server {word} "):
                yield f"{word.capitalize()}: {line.removeprefix(f'snmp-server {word} ')}"
    yield "0 SNMP packets input"
    for what in (
        "Bad SNMP version errors",
        "Unknown community name",
        "Illegal operation for community name supplied",
        "Encoding errors",
        "Number of requested variables",
        "Number of altered variables",
        "Get-request PDUs",
        "Get-next PDUs",
        "Set-request PDUs",
        "Input queue packet drops (Maximum queue size 1000)",
    ):
        yield f"    0 {what}"
    yield "0 SNMP packets output"
    for what in (
        "Too big errors (Maximum packet size 1500)",
        "No such name errors",
        "Bad values errors",
        "General errors",
        "Response PDUs",
        "Trap PDUs",
    ):
        yield f"    0 {what}"
    traps = any(line.startswith("snmp-server enable traps") for line in lines)
    yield f"SNMP global trap: {'enabled' if traps else 'disabled'}"
    yield ""
    yield "SNMP logging: disabled"


def _chassis(device: Device) -> str:
    for line in _lines(device):
        if line.startswith("snmp-server chassis-id "):
            return line.removeprefix("snmp-server chassis-id ")
    return serial_number(device)


def show_chassis(context: Context) -> Output:
    """`show snmp chassis`."""
    return _chassis(context.device)


def show_text(context: Context, word: str) -> Output:
    """`show snmp contact`, `show snmp location`."""
    prefix = f"snmp-server {word} "
    return [line.removeprefix(prefix) for line in _lines(context.device) if line.startswith(prefix)]


def show_community(context: Context) -> Iterator[str]:
    """`show snmp community`."""
    lines = _lines(context.device)
    if not lines:
        yield "%SNMP agent not enabled"
        return
    for line in lines:
        words = line.split()
        if words[1] == "community":
            yield ""
            yield f"Community name: {words[2]}"
            yield f"Community Index: {words[2]}"
            yield f"Community SecurityName: {words[2]}"
            access = f" access-list: {words[4]}" if len(words) > 4 else ""
            yield f"storage-type: nonvolatile\t active{access}"
    yield ""


def show_users(context: Context) -> Output:
    """`show snmp user`: users of SNMPv3, of which there are none."""
    return None


def show_groups(context: Context) -> Iterator[str]:
    """`show snmp group`: each community is a group of its own in SNMPv1 and v2c."""
    for line in _lines(context.device):
        words = line.split()
        if words[1] != "community":
            continue
        write = "v1default" if "RW" in words[3:] else "<no writeview specified>"
        for model in ("v1", "v2c"):
            yield f"groupname: {words[2]:<33}security model:{model} "
            yield f"contextname: {'<no context specified>':<31}storage-type: permanent"
            yield f"readview : {'v1default':<33}writeview: {write:<32}"
            yield "notifyview: <no notifyview specified>       "
            yield "row status: active"
            yield ""


CISCO_BY_MAC = "8000000903"
"""An engine ID of Cisco's enterprise number, made of a MAC address (RFC 3411 section 5, SnmpEngineID)."""


def show_engine(context: Context) -> Iterator[str]:
    """`show snmp engineID`: of this box; it knows no other."""
    if not _lines(context.device):
        yield "%SNMP agent not enabled"
        return
    yield f"Local SNMP engineID: {CISCO_BY_MAC}00{bytes(context.device.base_mac).hex().upper()}"
    yield "Remote Engine ID          IP-addr    Port"
