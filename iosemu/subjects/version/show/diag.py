"""`show diag`: what is in the slots of a router, as it was found at boot."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.clock_text import span
from iosemu.box.device import Device
from iosemu.box.module import Module
from iosemu.handling.context import Context
from iosemu.subjects.version.show.version import module_serial, serial_number


def show_diag(context: Context) -> Iterator[str]:
    """`show diag`: slot 0 is the main board, its cards are told below it."""
    device = context.device
    facts = device.model.facts
    builtin = len(device.model.ports) - sum(
        len(module.port_names(slot)) for slot, module in device.model.modules.items()
    )
    cards = list(device.model.modules.items())
    yield "Slot 0:"
    yield f"\t{facts['family']} Mother board, {builtin} ports"
    yield from _analyzed(device)
    yield from _eeprom("PCB Serial Number", module_serial(device, 0), facts["revision"])
    yield f"\tChassis Serial Number    : {serial_number(device)}"
    yield f"\tChassis MAC Address      : {device.base_mac}"
    yield f"\tProduct (FRU) Number     : {facts['pid']}"
    yield f"\tVersion Identifier       : {facts['vid']}"
    yield ""
    for index, (slot, module) in enumerate(cards, 1):
        if "/" in slot:
            yield from _card(device, index, slot, module)
    for index, (slot, module) in enumerate(cards, 1):
        if "/" not in slot:
            yield f"Slot {slot}:"
            yield f"\t{module.title} Port adapter, {len(module.port_names(slot))} ports"
            yield from _analyzed(device)
            yield from _eeprom("PCB Serial Number", module_serial(device, index), "1.0")
            yield f"\tProduct (FRU) Number     : {module.pid}"
            yield ""


def _analyzed(device: Device) -> Iterator[str]:
    yield "\tPort adapter is analyzed "
    yield f"\tPort adapter insertion time {span(device.now - device.booted_at)} ago"
    yield "\tEEPROM contents at hardware discovery:"


def _eeprom(label: str, number: str, revision: str, indent: str = "\t") -> Iterator[str]:
    yield f"{indent}{label:<25}: {number}"
    yield f"{indent}{'Hardware Revision':<25}: {revision}"


def _card(device: Device, index: int, slot: str, module: Module) -> Iterator[str]:
    bay = slot.rpartition("/")[2]
    yield f"\tWIC/VIC/HWIC Slot {bay}:"
    yield f"\t{module.title}"
    yield from _eeprom("PCB Serial Number", module_serial(device, index), "1.0")
    yield f"\t{'Product (FRU) Number':<25}: {module.pid}"
    if module.vid:
        yield f"\t{'Version Identifier':<25}: {module.vid}"
    yield ""
