"""Operations and schedules in the running configuration."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.subjects.ip_sla.config import INTERVAL, LIFE, PACKETS, USUAL, IpSlaConfig, Operation


def asked(each: Operation) -> str:
    """The line that tells what an operation asks."""
    words = [each.kind]
    match each.kind:
        case "http":
            words += ["get", each.name, *(["name-server", str(each.name_server)] if each.name_server else [])]
        case "dns":
            words += [each.name, "name-server", str(each.destination)]
        case _:
            words += [str(each.destination), *([str(each.port)] if each.port else [])]
    if each.source is not None:
        words += ["source-ip", str(each.source)]
    if each.source_interface:
        words += ["source-interface", each.source_interface]
    if each.source_port:
        words += ["source-port", str(each.source_port)]
    if not each.control:
        words += ["control", "disable"]
    if each.kind == "udp-jitter" and each.packets != PACKETS:
        words += ["num-packets", str(each.packets)]
    if each.kind == "udp-jitter" and each.interval != INTERVAL:
        words += ["interval", str(each.interval)]
    return " ".join(words)


def sla_lines(device: Device, _render: Render) -> Iterator[str]:
    """The responder; each operation, then its schedule."""
    config = device.config.of(IpSlaConfig)
    if config.responder:
        yield "ip sla responder"
    for port in sorted(config.permanent):
        yield f"ip sla responder {port.kind} ipaddress {port.address} port {port.port}"
    for number, each in sorted(config.operations.items()):
        yield f"ip sla {number}"
        if each.kind:
            yield f" {asked(each)}"
            usual = USUAL[each.kind]
            if each.size != usual.size:
                yield f" request-data-size {each.size}"
            if each.tag:
                yield f" tag {each.tag}"
            for word, value, default in (
                ("threshold", each.threshold, 5000),
                ("timeout", each.timeout, usual.timeout),
                ("frequency", each.frequency, 60),
            ):
                if value != default:
                    yield f" {word} {value}"
        found = config.schedules.get(number)
        if found is not None:
            life = "" if found.life == LIFE else f" life {'forever' if found.life is None else found.life}"
            yield f"ip sla schedule {number}{life}{' start-time now' if found.now else ''}"
    for number, reactions in sorted(config.reactions.items()):
        yield from (f"ip sla reaction-configuration {number} {each.text}" for each in reactions.values())
    for number, targets in sorted(config.triggers.items()):
        yield from (f"ip sla reaction-trigger {number} {target}" for target in targets)
    if config.logging:
        yield "ip sla logging traps"
