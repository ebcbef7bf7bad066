"""`show controllers ethernet-controller [X]` and `show interfaces [X] transceiver …` of Catalysts."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from iosemu.box.device import Device
from iosemu.box.interface_types import short_name
from iosemu.handling.context import Context
from iosemu.handling.effects import InvalidArgument
from iosemu.subjects.ethernet_controller.service import UPPER, EthernetControllers

Row = tuple[int, str] | None
_SIZES = (
    "Minimum size",
    "65 to 127 byte",
    "128 to 255 byte",
    "256 to 511 byte",
    "512 to 1023 byte",
    "1024 to 1518 byte",
)


def _names(context: Context, port: str | None) -> list[str]:
    """The ports that are asked for. Refuses what is none."""
    if port is not None and port not in context.device.switch_ports:
        raise InvalidArgument("port")
    return [name for name in context.device.model.switch_ports if port in (None, name)]


def show_controllers(context: Context, port: str | None = None) -> Iterator[str]:
    """`show controllers ethernet-controller [X]`: half duplex and its collisions are not simulated."""
    device = context.device
    for name in _names(context, port):
        yield ""
        yield f"     Transmit {name:<29} Receive"
        for left, right in zip_longest(_transmit(device, name), _receive(device, name)):
            yield f"{_cell(left):<41} {_cell(right)}".rstrip()


def _cell(row: Row) -> str:
    return "" if row is None else f"{row[0]:>11} {row[1]}"


def _transmit(device: Device, name: str) -> Iterator[Row]:
    told = device.service(EthernetControllers).controllers[name].transmit
    yield told.octets, "Bytes"
    yield told.unicast_frames, "Unicast frames"
    yield told.multicast_frames, "Multicast frames"
    yield told.broadcast_frames, "Broadcast frames"
    yield 0, "Too old frames"
    yield 0, "Deferred frames"
    yield 0, "MTU exceeded frames"
    for count in range(1, 16):
        yield 0, f"{count} collision frames"
    yield 0, "Excessive collisions"
    yield 0, "Late collisions"
    yield 0, "VLAN discard frames"
    yield 0, "Excess defer frames"
    for size, upper in zip(told.sizes, UPPER, strict=False):
        yield size, f"{upper} byte frames"
    yield told.sizes[-1], "Too large frames"
    yield 0, "Good (1 coll) frames"
    yield 0, "Good (>1 coll) frames"


def _receive(device: Device, name: str) -> Iterator[Row]:
    told, counters = (
        device.service(EthernetControllers).controllers[name].receive,
        device.interfaces[name].counters,
    )
    yield told.octets, "Bytes"
    yield told.unicast_frames, "Unicast frames"
    yield told.multicast_frames, "Multicast frames"
    yield told.broadcast_frames, "Broadcast frames"
    yield told.unicast_octets, "Unicast bytes"
    yield told.multicast_octets, "Multicast bytes"
    yield told.broadcast_octets, "Broadcast bytes"
    yield 0, "Alignment errors"
    yield counters.in_crc, "FCS errors"
    yield 0, "Oversize frames"
    yield counters.in_runts, "Undersize frames"
    yield 0, "Collision fragments"
    yield None
    for size, text in zip(told.sizes, _SIZES, strict=False):
        yield size, f"{text} frames"
    yield 0, "Overrun frames"
    yield 0, "Pause frames"
    yield 0, "Symbol error frames"
    yield None
    yield 0, "Invalid frames, too large"
    yield told.sizes[-1], "Valid frames, too large"
    yield 0, "Invalid frames, too small"
    yield 0, "Valid frames, too small"
    yield None
    yield 0, "Too old frames"
    yield 0, "Valid oversize frames"
    yield 0, "System FCS error frames"
    yield 0, "RxPortFifoFull drop frame"


def show_transceiver(context: Context, port: str | None = None) -> Iterator[str]:
    """`show interfaces [X] transceiver`: no port of these models has optics, so there are no rows."""
    _names(context, port)
    yield "If device is externally calibrated, only calibrated values are printed."
    yield "++ : high alarm, +  : high warning, -  : low warning, -- : low alarm."
    yield "NA or N/A: not applicable, Tx: transmit, Rx: receive."
    yield "mA: milliamperes, dBm: decibels (milliwatts)."
    yield ""
    yield "                                 Optical   Optical"
    yield "           Temperature  Voltage  Tx Power  Rx Power"
    yield "Port       (Celsius)    (Volts)  (dBm)     (dBm)"
    yield "---------  -----------  -------  --------  --------"


_DETAILS = (
    ("Temperature", "Celsius"),
    ("Voltage", "Volts"),
    ("Optical Transmit Power", "dBm"),
    ("Optical Receive Power", "dBm"),
)


def show_transceiver_detail(context: Context, port: str | None = None) -> Iterator[str]:
    """`show interfaces [X] transceiver detail` (outputs/show_interfaces_transceiver_detail): heads without rows."""
    _names(context, port)
    yield "mA: milliamperes, dBm: decibels (milliwatts), NA or N/A: not applicable."
    yield "++ : high alarm, +  : high warning, -  : low warning, -- : low alarm."
    yield "A2D readouts (if they differ), are reported in parentheses."
    yield "The threshold values are calibrated."
    for name, unit in _DETAILS:
        optical = name.startswith("Optical")
        what = name.removeprefix("Optical ")
        yield ""
        lead = "Optical" if optical else ""
        yield f"{'':<13}{lead:<19}High Alarm  High Warn  Low Warn   Low Alarm"
        yield f"{'':<13}{what:<19}Threshold   Threshold  Threshold  Threshold"
        yield f"Port         {f'({unit})':<19}" + "".join(
            f"{f'({unit})':<{width}}" for width in (12, 11, 11, 0)
        )
        yield "---------    -----------------  ----------  ---------  ---------  ---------"


def show_transceiver_properties(context: Context, port: str | None = None) -> Iterator[str]:
    """`show interfaces [X] transceiver properties` (outputs/show_interfaces_transceiver_properties)."""
    device = context.device
    for name in _names(context, port):
        interface = device.interfaces[name]
        speed, duplex = interface.config.speed or "auto", interface.config.duplex or "auto"
        up = interface.line_up
        media = "10/100BaseTX" if interface.kind == "FastEthernet" else "10/100/1000BaseTX"
        yield f"Name : {short_name(name)}"
        yield f"Administrative Speed: {speed}"
        yield f"Administrative Duplex: {duplex}"
        yield "Administrative Auto-MDIX: on"
        yield "Administrative Power Inline: N/A"
        yield f"Operational Speed: {interface.hardware_bandwidth // 1000 if up else speed}"
        yield f"Operational Duplex: {('half' if duplex == 'half' else 'full') if up else duplex}"
        yield "Operational Auto-MDIX: on"
        yield f"Media Type: {media}"
        yield ""
