"""What software a box says it runs: the head of `show version`, CDP's and LLDP's descriptions."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.box.macs import BLOCK

SUPPORT = "Technical Support: http://www.cisco.com/techsupport"


def version_lines(device: Device) -> list[str]:
    """The lines from the software's name to when it was compiled."""
    facts = device.model.facts
    if isinstance(facts["software"], dict):
        image = facts["software"].get(device.image.name) or next(iter(facts["software"].values()))
        return [
            f"Cisco IOS Software, {facts['family']} Software ({image['name']}), Version {image['version']}, "
            f"RELEASE SOFTWARE ({image['release']})",
            SUPPORT,
            f"Copyright (c) {image['years']} by Cisco Systems, Inc.",
            f"Compiled {image['compiled']}",
        ]
    named = (
        f"{facts['family']} Software ({facts['image_name']}), Version {facts['version']}, {facts['release']}"
    )
    if facts["software"] == "Cisco IOS Software":
        head = [f"{facts['software']}, {named}", SUPPORT]
    else:
        head = [facts["software"] + " ", f"IOS (tm) {named}"]
    return [*head, facts["copyright"], f"Compiled {facts['compiled']}"]


def platform(device: Device) -> str:
    """The platform as CDP tells it: `Cisco 2811`, `cisco WS-C2960-24TT-L`."""
    name: str = device.model.facts["platform"]
    return f"cisco {name}" if name.startswith("WS-") else f"Cisco {name}"


def serial_number(device: Device) -> str:
    """The serial number of this box: the model's prefix, and digits that follow from its MAC address."""
    if device.is_switch:
        block = int.from_bytes(device.base_mac, "big") // BLOCK
        return f"{device.model.facts['serial_prefix']}{block % 0x1000:03X}"
    value = int.from_bytes(next(iter(device.macs.values())), "big")
    digits = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
    tail = ""
    for _ in range(4):
        value, digit = divmod(value, len(digits))
        tail = digits[digit] + tail
    return f"{device.model.facts['serial_prefix']}{10 + value % 8}{value // 8 % 52 + 1:02}{tail}"
