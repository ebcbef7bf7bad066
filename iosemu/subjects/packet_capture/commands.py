"""`monitor capture`: Embedded Packet Capture of a router, in its 15.1 form."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.interface_types import short_name
from iosemu.box.timestamps import clock_text
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Output
from iosemu.handling.filesystem import write
from iosemu.net.link import Direction
from iosemu.subjects.acl.config import AclsConfig
from iosemu.subjects.packet_capture.service import Buffer, Captured, PacketCapture, Point

_DUMP_BASE = 0x65B7F500
"""Where a dump says that the first packet lies."""
_EVERY = 0x100


def _capture(context: Context) -> PacketCapture:
    router = context.device
    return router.service(PacketCapture)


def _buffer(context: Context, name: str) -> Buffer:
    found = _capture(context).buffers.get(name)
    if found is None:
        raise CommandError(f"Capture Buffer {name} does not exist")
    return found


def _point(context: Context, name: str) -> Point:
    found = _capture(context).points.get(name)
    if found is None:
        raise CommandError(f"Capture Point {name} does not exist")
    return found


def buffer(
    context: Context,
    name: str,
    size: int | None = None,
    element: int | None = None,
    circular: bool = False,
    linear: bool = False,
) -> Output:
    """`[no] monitor capture buffer NAME [size KB] [max-size OCTETS] [circular | linear]`."""
    capture = _capture(context)
    if context.negated:
        found = _buffer(context, name)
        if any(point.active for point in capture.points_of(name)):
            raise CommandError("Capture Buffer is in use by an active capture point")
        for point in capture.points_of(found.name):
            point.buffer = ""
        del capture.buffers[name]
        return None
    made = capture.buffers.setdefault(name, Buffer(name))
    if size is not None or element is not None:
        made.clear()
    made.size = size or made.size
    made.element = element or made.element
    if circular or linear:
        made.circular = circular
    return None


def clear(context: Context, name: str) -> Output:
    """`monitor capture buffer NAME clear`."""
    _buffer(context, name).clear()
    return None


def export(context: Context, name: str, url: str) -> Output:
    """`monitor capture buffer NAME export URL`."""
    found = _buffer(context, name)
    write(context, url, found.pcap(context.device.origin.timestamp()))
    return None


def filter(context: Context, name: str, access_list: str) -> Output:  # noqa: A001 - the command's name
    """`monitor capture buffer NAME filter access-list ACL`."""
    found = _buffer(context, name)
    if context.device.config.of(AclsConfig).get(access_list) is None:
        raise CommandError(f"Access list {access_list} does not exist")
    found.access_list = access_list
    return "Filter Association succeeded"


def limit(
    context: Context, name: str, every: int = 0, duration: int = 0, packets: int = 0, per_second: int = 0
) -> Output:
    """`monitor capture buffer NAME limit …`."""
    found = _buffer(context, name)
    found.every = every or found.every
    found.duration = duration or found.duration
    found.packets = packets or found.packets
    found.per_second = per_second or found.per_second
    return None


def cef_point(context: Context, point: str, interface: str = "", all: bool = False, way: str = "") -> Output:  # noqa: A002 - the keyword
    """`[no] monitor capture point ip cef NAME INTERFACE|all in|out|both`."""
    return _make(context, Point(point, "cef", interface, way))


def process_point(context: Context, point: str, way: str = "") -> Output:
    """`[no] monitor capture point ip process-switched NAME in|out|both|from-us`."""
    return _make(context, Point(point, "process", "", way))


def _make(context: Context, made: Point) -> Output:
    capture = _capture(context)
    if context.negated:
        capture.end(_point(context, made.name))
        del capture.points[made.name]
        context.device.log("BUFCAP", 6, "DELETE", f"Capture Point {made.name} deleted.")
        return None
    if made.name in capture.points:
        raise CommandError(f"Capture Point {made.name} already exists")
    capture.points[made.name] = made
    context.device.log("BUFCAP", 6, "CREATE", f"Capture Point {made.name} created.")
    return None


def associate(context: Context, point: str, buffer: str) -> Output:
    """`monitor capture point associate POINT BUFFER`."""
    found, into = _point(context, point), _buffer(context, buffer)
    if found.active:
        raise CommandError(f"Capture Point {point} is active")
    found.buffer = into.name
    return None


def disassociate(context: Context, point: str) -> Output:
    """`monitor capture point disassociate POINT`."""
    found = _point(context, point)
    if found.active:
        raise CommandError(f"Capture Point {point} is active")
    found.buffer = ""
    return None


def switch(context: Context, action: str, point: str = "", all: bool = False) -> Iterator[str]:  # noqa: A002
    """`monitor capture point start|stop NAME|all`."""
    capture = _capture(context)
    for found in list(capture.points.values()) if all else [_point(context, point)]:
        if action == "start" and not found.buffer:
            yield f"Capture Point {found.name} is not associated with a capture buffer"
            continue
        if found.active == (action == "start"):
            continue
        if action == "start":
            capture.begin(found)
            context.device.log("BUFCAP", 6, "ENABLE", f"Capture Point {found.name} enabled.")
        else:
            capture.end(found)
            context.device.log("BUFCAP", 6, "DISABLE", f"Capture Point {found.name} disabled.")


def show_buffer(
    context: Context,
    name: str = "",
    all: bool = False,  # noqa: A002 - the keyword
    parameters: bool = False,
    dump: bool = False,
) -> Iterator[str]:
    """`show monitor capture buffer NAME|all [parameters | dump]`."""
    capture = _capture(context)
    for found in list(capture.buffers.values()) if all else [_buffer(context, name)]:
        if parameters:
            yield from _parameters(capture, found)
            continue
        for number, packet in enumerate(found.kept):
            yield _headline(context, packet)
            if dump:
                yield ""
                yield from _dump(packet.data, _DUMP_BASE + number * _EVERY)
                yield ""


def _headline(context: Context, packet: Captured) -> str:
    """`15:22:01.191 UTC Mar 1 2002 : IPv4 LES CEF    : Fa0/0 None`, the interfaces in and out."""
    here = short_name(packet.interface)
    ends = f"{here} None" if packet.direction is Direction.IN else f"None {here}"
    words = clock_text(context.device, packet.time).lstrip("*").split()
    moment = f"{words[0]} {words[1]} {words[3]} {words[4]} {words[5]}"
    return f"{moment} : {packet.path:<15} : {ends}"


def _dump(data: bytes, address: int) -> Iterator[str]:
    for at in range(0, len(data), 16):
        chunk = data[at : at + 16]
        groups = " ".join(chunk[start : start + 4].hex().upper() for start in range(0, len(chunk), 4))
        text = "".join(chr(octet) if 0x20 <= octet < 0x7F else "." for octet in chunk)
        yield f"{address + at:08X}: {groups:<35}  {text}"


def _parameters(capture: PacketCapture, found: Buffer) -> Iterator[str]:
    kind = "circular" if found.circular else "linear"
    yield f"Capture buffer {found.name} ({kind} buffer)"
    yield (
        f"Buffer Size : {found.size * 1024} bytes, Max Element Size : {found.element} bytes, "
        f"Packets : {len(found.kept)}"
    )
    yield (
        f"Allow-nth-pak : {found.every}, Duration : {found.duration} (seconds), "
        f"Max packets : {found.packets}, pps : {found.per_second}"
    )
    yield "Associated Capture Points:"
    for point in capture.points_of(found.name):
        yield f"Name : {point.name}, Status : {'Active' if point.active else 'Inactive'}"
    yield "Configuration:"
    yield f"monitor capture buffer {found.name} size {found.size} max-size {found.element} {kind}"
    for point in capture.points_of(found.name):
        yield f"monitor capture point associate {point.name} {found.name}"
    if found.access_list:
        yield f"monitor capture buffer {found.name} filter access-list {found.access_list}"


def show_point(context: Context, name: str = "", all: bool = False) -> Iterator[str]:  # noqa: A002 - the keyword
    """`show monitor capture point NAME|all`."""
    for point in list(_capture(context).points.values()) if all else [_point(context, name)]:
        path = "IPv4 CEF" if point.path == "cef" else "IPv4 Process"
        yield f"Status Information for Capture Point {point.name}"
        yield path
        yield f"Switch Path: {path:<20}, Capture Buffer: {point.buffer or 'None'}"
        yield f"Status : {'Active' if point.active else 'Inactive'}"
        yield ""
        yield "Configuration:"
        if point.path == "cef":
            yield f"monitor capture point ip cef {point.name} {point.interface or 'all'} {point.way}"
        else:
            yield f"monitor capture point ip process-switched {point.name} {point.way}"
        yield ""
