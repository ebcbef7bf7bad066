"""`show environment`, `show controllers`: what the chassis says about itself.

The room has 23 degrees; boards are warmer, and a processor warms by a quarter of a degree per cent of load.
"""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.box.interface_types import Medium
from iosemu.handling.context import Context
from iosemu.handling.effects import InvalidArgument
from iosemu.ip.serial import CLOCK, SerialSettings, clocked_by
from iosemu.subjects.ip.show.ip import status
from iosemu.subjects.processes.workload import utilization

ROOM = 23
_PROBES = (
    ("Intake Left", 0),
    ("Intake Left(Bezel)", 1),
    ("Exhaust Right", 3),
    ("Exhaust Right(Bezel)", 4),
    ("CPU", 35),
    ("Power Supply Unit", 5),
)
"""Where an ISR G2 measures, and by how many degrees it is warmer there than in the room."""
_YELLOW, _RED = 46, 60


def _processor_heat(device: Device) -> int:
    return round(utilization(device).one_minute / 4)


def show_environment(context: Context) -> Iterator[str]:
    """`show environment` of a router."""
    device = context.device
    if device.model.facts.get("environment") == "brief":
        yield from ["", "Main Power Supply is AC", ""]
        yield from (f"Fan {number} OK" for number in (1, 2, 3))
        yield from ["", "System Temperature is Normal", ""]
        return
    yield from [
        " SYSTEM POWER SUPPLY STATUS",
        " ==========================",
        " Internal Power Supply Type: AC",
    ]
    yield from [" Internal Power Supply 12V Output Status: Normal", ""]
    yield from [" SYSTEM FAN STATUS", " ================="]
    yield from (f" Fan {number} OK, Low speed setting" for number in (1, 2, 3))
    yield from ["", " SYSTEM TEMPERATURE STATUS", " ========================="]
    for name, above in _PROBES:
        degrees = ROOM + above + (_processor_heat(device) if name == "CPU" else 0)
        yield f" {name} temperature: {degrees} Celsius, Normal"
    yield from ["", " REAL TIME CLOCK BATTERY STATUS", " ==============================="]
    yield from [" Battery OK (checked at power up)", ""]


def show_all(context: Context) -> Iterator[str]:
    """`show env all` of a switch."""
    yield from ["FAN is OK", "TEMPERATURE is OK", "POWER is OK", "RPS is NOT PRESENT"]


def show_fan(context: Context) -> str:
    """`show env fan`."""
    return "FAN is OK"


def show_power(context: Context) -> str:
    """`show env power`."""
    return "POWER is OK"


def show_temperature(context: Context) -> str:
    """`show env temperature`."""
    return "TEMPERATURE is OK"


def show_temperature_status(context: Context) -> Iterator[str]:
    """`show env temperature status`."""
    yield "SYSTEM TEMPERATURE is OK"
    yield f"System Temperature Value: {ROOM + 8 + _processor_heat(context.device)} Degree Celsius"
    yield "System Temperature State: GREEN"
    yield f"Yellow Threshold : {_YELLOW} Degree Celsius"
    yield f"Red Threshold    : {_RED} Degree Celsius"


def _serial(device: Device, port: Interface) -> Iterator[str]:
    """A serial port and its cable."""
    counters = port.counters
    hardware = device.ports[port.name]
    link = hardware.link
    yield f"Interface {port.name}"
    yield f"Hardware is {port.type.hardware.removesuffix(' Serial')}"
    if link is None or not link.plugged:
        yield "No serial cable attached"
    elif clocked_by(hardware) is hardware:
        yield f"DCE V.35, clock rate {port.config.of(SerialSettings).clock_rate or CLOCK}"
    else:
        yield "DTE V.35 TX and RX clocks detected." if hardware.carrier else "DTE V.35 clocks stopped."
    yield f"  {counters.in_packets} input packets with {counters.in_errors} errors"
    yield f"  {counters.out_packets} output packets with {counters.out_errors} errors"
    yield f"  {counters.transitions} carrier transitions"
    yield ""


def show_controllers(context: Context, interface: str | None = None) -> Iterator[str]:
    """`show controllers [INTERFACE]`: the hardware behind each port."""
    device = context.device
    if interface is not None and interface not in device.ports:
        raise InvalidArgument("interface")
    for name in device.ports:
        if interface not in (None, name):
            continue
        port = device.interfaces[name]
        counters = port.counters
        if port.type.medium is Medium.SERIAL:
            yield from _serial(device, port)
            continue
        yield f"Interface {name} (idb state: {status(port)})"
        address = f", address is {port.mac}" if port.type.medium is Medium.ETHERNET else ""
        yield f"Hardware is {port.type.hardware}{address}"
        yield f"  link is {'up' if port.line_up else 'down'}, {port.hardware_bandwidth // 1000} Mb/s"
        yield f"  rx: {counters.in_packets} packets, {counters.in_octets} bytes, {counters.in_errors} errors"
        yield f"  tx: {counters.out_packets} packets, {counters.out_octets} bytes, {counters.out_errors} errors"
        yield f"  link state changes: {counters.transitions}"
        yield ""
