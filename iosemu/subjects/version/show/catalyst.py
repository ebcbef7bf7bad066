"""`show version` of a Catalyst, from the facts of its model."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.handling.context import Context
from iosemu.subjects.version.show.version import CRYPTO_NOTICE, serial_number, uptime

CLASSIC = "Cisco Internetwork Operating System Software"
"""How releases up to 12.2 begin; later ones put family and version into the first line."""


def show_version(context: Context) -> Iterator[str]:
    """`show version`."""
    switch = context.device
    facts = switch.model.facts
    release = (
        f"{facts['family']} Software ({facts['image_name']}), Version {facts['version']}, {facts['release']}"
    )
    classic = facts["software"] == CLASSIC
    yield CLASSIC if classic else f"{facts['software']}, {release}"
    if classic:
        yield f"IOS (tm) {release}"
    yield "Technical Support: http://www.cisco.com/techsupport"
    yield facts["copyright"]
    yield f"Compiled {facts['compiled']}"
    yield ""
    yield f"ROM: {facts['rom']}"
    if "bootldr" in facts:
        yield f"BOOTLDR: {facts['bootldr']}"
    yield ""
    yield f"{switch.hostname} uptime is {uptime(switch.now - switch.booted_at)}"
    yield f"System returned to ROM by {'power-on' if switch.boots <= 1 else 'reload'}"
    yield f'System image file is "{switch.booted_image}"'
    yield from ["", ""]
    yield from CRYPTO_NOTICE
    yield ""
    yield facts["hardware"]
    yield f"Processor board ID {serial_number(switch)}"
    yield "Last reset from system-reset" if classic else "Last reset from power-on"
    yield from _interfaces(switch, classic)
    yield "The password-recovery mechanism is enabled."
    yield ""
    yield f"{facts['nvram_kilobytes']}K bytes of flash-simulated non-volatile configuration memory."
    width = 0 if classic else 32
    yield f"{'Base ethernet MAC Address':<{width}}: {switch.base_mac.colons.upper()}"
    yield f"{'Model number':<{width}}: {facts['platform']}"
    yield f"{'System serial number':<{width}}: {serial_number(switch)}"
    yield ""
    if not classic:
        yield ""
        yield "Switch Ports Model              SW Version            SW Image"
        yield "------ ----- -----              ----------            ----------"
        ports = len(switch.ports)
        yield (
            f"*    1 {ports:<5} {facts['platform']:<18} {facts['version']:<21} {facts['image_name']:<25}".rstrip()
        )
        yield from ["", ""]
    yield "Configuration register is 0xF"
    yield ""


def _interfaces(switch: Device, classic: bool) -> Iterator[str]:
    if not classic:
        count = sum(1 for name in switch.interfaces if name.startswith("Vlan"))
        yield f"{count} Virtual Ethernet interface{'' if count == 1 else 's'}"
    words = {
        "FastEthernet": "FastEthernet/IEEE 802.3 interface(s)" if classic else "FastEthernet interfaces",
        "GigabitEthernet": "Gigabit Ethernet/IEEE 802.3 interface(s)"
        if classic
        else "Gigabit Ethernet interfaces",
    }
    for kind, text in list(words.items()):
        count = sum(1 for port in switch.ports if port.startswith(kind))
        if count:
            yield f"{count} {text}"


def show_inventory(context: Context) -> Iterator[str]:
    """`show inventory`: a fixed switch is one part, by the number it would have in a stack."""
    switch = context.device
    pid = switch.model.facts["platform"]
    yield f'NAME: "1", DESCR: "{pid}"'
    yield f"PID: {pid:<18}, VID: {switch.model.facts.get('version_id', ''):<4}, SN: {serial_number(switch)}"
    yield ""
