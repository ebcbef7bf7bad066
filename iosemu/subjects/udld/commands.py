"""`udld …`, `show udld` and `udld reset`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.interface_types import short_name
from iosemu.handling.context import Context
from iosemu.handling.effects import InvalidArgument, Output
from iosemu.net.udld import WINDOW, Phase, UdldPort, Verdict
from iosemu.subjects.udld.config import UdldConfig, UdldSettings
from iosemu.subjects.udld.service import Udld


def port(context: Context, aggressive: bool = False) -> Output:
    """`[no] udld port [aggressive]`."""
    config = context.edited(InterfaceConfig)
    if config.name not in context.device.ports:
        raise InvalidArgument("port")
    settings = config.of(UdldSettings)
    settings.enabled = not context.off
    settings.aggressive = aggressive and not context.off
    return None


def mode(context: Context, word: str = "") -> Output:
    """`[no] udld enable|aggressive`."""
    context.device.config.of(UdldConfig).mode = "" if context.off else word
    return None


def reset(context: Context) -> Output:
    """`udld reset`."""
    names = context.device.service(Udld).reset()
    if not names:
        return "No ports are disabled by UDLD."
    return f"{len(names)} ports shutdown by UDLD were reset."


def show(context: Context, interface: str | None = None) -> Iterator[str]:
    """`show udld [X]`."""
    switch = context.device
    if interface is not None and interface not in switch.ports:
        raise InvalidArgument("interface")
    for name in list(switch.ports):
        if interface in (None, name):
            yield ""
            yield from _port(switch, name)


def _port(switch: Device, name: str) -> Iterator[str]:
    settings = switch.config.interfaces[name].held(UdldSettings) or UdldSettings()
    found = switch.service(Udld).ports.get(name)
    word = "Enabled" if settings.enabled else "Disabled"
    word += " / in aggressive mode" * settings.aggressive
    running = found is not None and found.phase not in (Phase.DISABLED, Phase.SHUTDOWN)
    yield f"Interface {short_name(name)}"
    yield "---"
    yield f"Port enable administrative configuration setting: {word}"
    yield f"Port enable operational state: {word if running else 'Disabled'}"
    verdict = found.verdict if found is not None else Verdict.UNKNOWN
    yield f"Current bidirectional state: {verdict.value}"
    if found is None or not settings.enabled:
        return
    yield f"Current operational state: {found.operational}"
    yield f"Message interval: {found.interval}"
    yield f"Time out interval: {WINDOW}"
    if not found.neighbors:
        yield "No neighbor cache information stored"
        return
    yield from _entries(found, switch.now)


def _entries(found: UdldPort, now: float) -> Iterator[str]:
    for number, each in enumerate(found.neighbors.values(), 1):
        packet = each.packet
        yield ""
        yield f"    Entry {number}"
        yield "    ---"
        yield f"    Expiration time: {int(each.expires - now)}"
        yield f"    Device ID: {each.number}"
        yield f"    Current neighbor state: {_state(found, packet.echo)}"
        yield f"    Device name: {packet.device}"
        yield f"    Port ID: {packet.port}"
        for count, (device, port_id) in enumerate(packet.echo, 1):
            yield f"    Neighbor echo {count} device: {device}"
            yield f"    Neighbor echo {count} port: {port_id}"
        yield ""
        yield f"    Message interval: {packet.interval}"
        yield f"    Time out interval: {packet.timeout}"
        yield f"    CDP Device name: {packet.name}"


def _state(found: UdldPort, echo: tuple[tuple[str, str], ...]) -> str:
    return Verdict.BIDIRECTIONAL.value if (found.device, found.port) in echo else Verdict.UNKNOWN.value


def show_neighbors(context: Context) -> Iterator[str]:
    """`show udld neighbors`."""
    yield "Port           Device Name     Device ID    Port ID         Neighbor State"
    yield "----           -----------     ---------    -------         --------------"
    both = 0
    for name, found in context.device.service(Udld).ports.items():
        for each in found.neighbors.values():
            state = _state(found, each.packet.echo)
            both += state == Verdict.BIDIRECTIONAL.value
            yield (
                f"{short_name(name):<14} {each.packet.device:<15} {each.number:<12} {each.packet.port:<15} {state}"
            )
    yield ""
    yield f"Total number of bidirectional entries displayed: {both}"
