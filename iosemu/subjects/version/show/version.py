"""`show version` and `show inventory` of a router, from the facts of its model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from iosemu.box.device import Device
from iosemu.box.interface_types import TYPES, type_of
from iosemu.box.software import serial_number as serial_number
from iosemu.box.system import SystemConfig
from iosemu.box.timestamps import clock_text_plain, local_time
from iosemu.handling.context import Context


@dataclass(frozen=True)
class VersionStyle:
    """How `show version` prints."""

    stem: ClassVar[str] = "show_version"
    last_reload: bool = True
    """The line `Last reload type` is there."""


CRYPTO_NOTICE = """\
This product contains cryptographic features and is subject to United
States and local country laws governing import, export, transfer and
use. Delivery of Cisco cryptographic products does not imply
third-party authority to import, export, distribute or use encryption.
Importers, exporters, distributors and users are responsible for
compliance with U.S. and local country laws. By using this product you
agree to comply with applicable laws and regulations. If you are unable
to comply with U.S. and local laws, return this product immediately.

A summary of U.S. laws governing Cisco cryptographic products may be found at:
http://www.cisco.com/wwl/export/crypto/tool/stqrg.html

If you require further assistance please contact us by sending email to
export@cisco.com.
""".splitlines()
"""The export notice that IOS with strong cryptography must show."""


def uptime(seconds: float) -> str:
    """`1 week, 2 days, 1 hour, 5 minutes`; below a minute `0 minutes`."""
    minutes = int(seconds // 60)
    parts: list[str] = []
    for word, size in (("year", 525600), ("week", 10080), ("day", 1440), ("hour", 60), ("minute", 1)):
        count, minutes = divmod(minutes, size)
        if count or (word == "minute" and not parts):
            parts.append(f"{count} {word}{'' if count == 1 else 's'}")
    return ", ".join(parts)


def software(device: Device) -> dict[str, str]:
    """The facts of the software that the box runs."""
    table: dict[str, dict[str, str]] = device.model.facts["software"]
    return table.get(device.image.name) or next(iter(table.values()))


def show_version(context: Context) -> Iterator[str]:
    """`show version`."""
    device = context.device
    facts = device.model.facts
    image = software(device)
    yield (
        f"Cisco IOS Software, {facts['family']} Software ({image['name']}), Version {image['version']}, "
        f"RELEASE SOFTWARE ({image['release']})"
    )
    yield "Technical Support: http://www.cisco.com/techsupport"
    yield f"Copyright (c) {image['years']} by Cisco Systems, Inc."
    yield f"Compiled {image['compiled']}"
    yield ""
    yield f"ROM: System Bootstrap, Version {facts['bootstrap']}"
    yield ""
    yield f"{device.hostname} uptime is {uptime(device.now - device.booted_at)}"
    yield "System returned to ROM by power-on" if device.boots <= 1 else "System returned to ROM by reload"
    if device.config.of(SystemConfig).clock_set:
        yield f"System restarted at {clock_text_plain(local_time(device, device.booted_at))}"
    yield f'System image file is "{device.booted_image}"'
    if device.image.style(VersionStyle).last_reload:
        yield "Last reload type: Normal Reload"
    yield from ["", ""]
    if facts.get("cryptographic"):
        yield from CRYPTO_NOTICE
        yield ""
    memory = facts["memory"]
    yield (
        f"Cisco {facts['platform']} (revision {facts['revision']}) with "
        f"{memory['main']}K/{memory['shared']}K bytes of memory."
    )
    yield f"Processor board ID {serial_number(device)}"
    yield from _interfaces(device)
    if facts.get("terminal_lines"):
        yield f"{facts['terminal_lines']} terminal line"
    if facts.get("vpn_modules"):
        yield f"{facts['vpn_modules']} Virtual Private Network (VPN) Module"
    yield facts["dram"]
    yield f"{facts['nvram']}K bytes of non-volatile configuration memory."
    yield facts["flash"]["text"]
    yield ""
    yield from _license(device)
    yield f"Configuration register is {device.register_text}"
    yield ""


def _interfaces(device: Device) -> Iterator[str]:
    for kind in list(TYPES.values()):
        count = sum(type_of(port) is kind for port in device.ports)
        if count and kind.count:
            yield f"{count} {kind.count} interface{'' if count == 1 else 's'}"


def license_rows(device: Device) -> Iterator[tuple[str, str, str, str]]:
    """Technology, its package now, the type of its license, and its package after the next start."""
    system = device.config.of(SystemConfig)
    for technology, current, kind, after in device.model.facts["license"]["packages"]:
        active = system.license_active.get(technology)
        if current == "None" and active is not None:
            current, kind = active, "EvalRightToUse"
        yield technology, current, kind, system.license_boot.get(technology, after)


def _license(device: Device) -> Iterator[str]:
    facts = device.model.facts
    terms = facts.get("license")
    if terms is None:
        return
    yield from ["", "License Info:", "", "License UDI:", ""]
    yield "-" * 49
    yield "Device#\t  PID\t\t\tSN"
    yield "-" * 49
    yield f"*0  \t  {facts['pid']:<22}{serial_number(device):<16}"
    yield from ["", "", ""]
    yield f"Technology Package License Information for Module:'{terms['module']}' "
    yield ""
    yield "-" * 65
    yield "Technology    Technology-package           Technology-package"
    yield "              Current       Type           Next reboot  "
    yield "-" * 66
    for technology, current, kind, after in license_rows(device):
        yield f"{technology:<14}{current:<14}{kind:<15}{after}"
    yield ""


def module_serial(device: Device, index: int) -> str:
    """A number that follows from that of the box."""
    digits = int.from_bytes(device.base_mac, "big") * 31 + index
    return f"FOC{10 + digits % 8}{digits // 8 % 52 + 1:02}{digits % 0x10000:04X}"


def show_inventory(context: Context) -> Iterator[str]:
    """`show inventory`."""
    device = context.device
    serial = serial_number(device)
    for part in device.model.facts["inventory"]:
        yield f'NAME: "{part["name"]}", DESCR: "{part["description"].format(serial=serial)}"'
        number = serial if part.get("chassis") else ""
        yield f"PID: {part['pid']:<18}, VID: {part['vid']:<4}, SN: {number}"
        yield ""
    for index, (slot, module) in enumerate(sorted(device.model.modules.items())):
        first, _slash, second = slot.partition("/")
        place = f"Slot {first} SubSlot {second}" if second else f"Slot {first}"
        yield f'NAME: "{module.title} on {place}", DESCR: "{module.title}"'
        yield f"PID: {module.pid:<18}, VID: {module.vid:<4}, SN: {module_serial(device, index)}"
        yield ""
