"""The sniffer's plain commands: what it saw, frame by frame, and what it keeps."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import BytesIO

from iosemu.box.device import Device
from iosemu.box.passwords import Password, secret
from iosemu.box.system import SystemConfig, User
from iosemu.handling.context import Context
from iosemu.handling.effects import Close, CommandError, Output, Steps, Stream, View
from iosemu.net.capture import CapturedFrame, PcapngSink
from iosemu.net.packet_filter import FilterError, PacketFilter, Seen
from iosemu.net.signal import Signal
from iosemu.packets.dissect import dissect, summarize
from iosemu.subjects.sniffer.config import SnifferConfig
from iosemu.subjects.sniffer.service import Sniffer

PROTOCOLS = ("ARP", "CDP", "DTP", "ESP", "ICMP", "IPSec", "ISAKMP", "LACP", "LLDP", "STP", "TCP", "UDP")
"""Names that a filter takes; ESP is another word for IPSec."""
_BYTES_PER_LINE = 16
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _protocols(text: str) -> frozenset[str]:
    """Upper-case protocol names of a list such as `isakmp,ipsec`; CommandError for an unknown one."""
    wanted: set[str] = set()
    for name in text.replace(",", " ").split():
        upper = name.upper()
        if upper not in {known.upper() for known in PROTOCOLS}:
            raise CommandError(f"% Unknown protocol {name!r}; known are {', '.join(PROTOCOLS)}")
        wanted.add("IPSEC" if upper == "ESP" else upper)
    return frozenset(wanted)


def _row(packet: CapturedFrame) -> str:
    seen = summarize(packet.frame)
    return (
        f"{packet.number:>6} {packet.time:>12.6f}  {packet.port:<5}  {seen.source:<17}  {seen.destination:<17}  "
        f"{seen.protocol:<8} {seen.info}"
    ).rstrip()


def _hexadecimal(data: bytes) -> Iterator[str]:
    for start in range(0, len(data), _BYTES_PER_LINE):
        chunk = data[start : start + _BYTES_PER_LINE]
        text = "".join(chr(octet) if 0x20 <= octet < 0x7F else "." for octet in chunk)
        yield f"  {start:04x}  {chunk.hex(' '):<{3 * _BYTES_PER_LINE - 1}}  {text}"


def _detail(packet: CapturedFrame) -> Iterator[str]:
    dissection = dissect(packet.frame)
    yield f"Frame {packet.number}: {len(packet.frame)} bytes on {packet.port} at {packet.time:.6f} s"
    for layer in dissection.layers:
        yield layer.name
        width = max((len(field.name) for field in layer.fields), default=0)
        for field in layer.fields:
            yield f"  {field.name:<{width}} : {field.value}"
    if dissection.malformed is not None:
        yield f"Malformed: {dissection.malformed}"
    yield "Bytes"
    yield from _hexadecimal(packet.frame)


def show_packets(
    context: Context,
    protocols: str = "",
    count: int | None = None,
    number: int | None = None,
    expression: str = "",
) -> Iterator[str]:
    """`show packets [filter LIST] [last N] [detail N] [where EXPRESSION]`."""
    sniffer: Device = context.device
    wanted, chosen = _protocols(protocols), _expression(expression)
    packets = [
        packet
        for packet in sniffer.service(Sniffer).recorder
        if (not wanted or summarize(packet.frame).protocol.upper() in wanted) and chosen(packet)
    ]
    if number is not None:
        found = [packet for packet in packets if packet.number == number]
        if not found:
            raise CommandError(f"% No frame {number} in the buffer")
        yield from _detail(found[0])
        return
    yield f"{'No.':>6} {'Time':>12}  {'Port':<5}  {'Source':<17}  {'Destination':<17}  {'Protocol':<8} Info"
    for packet in packets[-count:] if count is not None else packets:
        yield _row(packet)


def show_protocols(context: Context) -> Iterator[str]:
    """`show protocols`: how many frames of which protocol are in the buffer."""
    sniffer: Device = context.device
    counts = Counter(summarize(packet.frame).protocol for packet in sniffer.service(Sniffer).recorder)
    yield "Protocol  Frames"
    for protocol, frames in sorted(counts.items()):
        yield f"{protocol:<9} {frames:>6}"


def show_settings(context: Context) -> Iterator[str]:
    """`show settings`."""
    sniffer: Device = context.device
    config = sniffer.config.of(SnifferConfig)
    yield f"Service          : {'on' if config.service else 'off'}"
    yield f"Filter           : {' '.join(sorted(config.filters)) or 'all'}"
    yield f"Buffer size      : {config.buffer_packets} frames"
    yield f"Frames kept      : {len(sniffer.service(Sniffer).recorder)}"
    yield f"Frames seen      : {sniffer.service(Sniffer).recorder.received}"
    yield f"Frames displaced : {sniffer.service(Sniffer).recorder.dropped}"
    for name, port in list(sniffer.ports.items()):
        yield f"{name:<17}: {'up' if port.carrier else 'down'}"


def filter(context: Context, protocols: str = "") -> Output:  # noqa: A001 - the command's name
    """`filter LIST|all`: which protocols are kept from now on."""
    sniffer: Device = context.device
    sniffer.config.of(SnifferConfig).filters = frozenset() if context.negated else _protocols(protocols)
    sniffer.configured("sniffer")
    return None


def service(context: Context, state: str) -> Output:
    """`service on|off`."""
    sniffer: Device = context.device
    sniffer.config.of(SnifferConfig).service = state == "on"
    sniffer.configured("sniffer")
    return None


def buffer_size(context: Context, packets: int) -> Output:
    """`buffer size N`."""
    sniffer: Device = context.device
    sniffer.config.of(SnifferConfig).buffer_packets = packets
    sniffer.configured("sniffer")
    return None


def clear(context: Context) -> Output:
    """`clear`: empty the buffer."""
    context.device.service(Sniffer).recorder.clear()
    return None


def username(context: Context, name: str, level: int, kind: str, password: str) -> Output:
    """`username NAME privilege N password|secret TEXT`."""
    sniffer: Device = context.device
    user = User(name, level)
    hashed = re.fullmatch(r"([589]) (\$.*)", password)
    if kind == "secret" and hashed is not None:
        user.secret = Password(int(hashed[1]), hashed[2])
    elif kind == "secret":
        user.secret = secret(password, sniffer.rng)
    else:
        user.password = Password(0, password)
    sniffer.config.of(SystemConfig).users[name] = user
    return None


def view(context: Context) -> Output:
    """`view`: the full-screen packet view."""
    return [View("packets")]


def capture(context: Context, expression: str = "") -> Steps:
    """`capture -w - [filter EXPRESSION]`: frames as pcapng, until the client leaves."""
    sniffer: Device = context.device
    wanted = _expression(expression)
    stream = BytesIO()
    arrived = Signal()
    epoch = round((sniffer.origin - _EPOCH).total_seconds() * 1e9)
    sink = PcapngSink(stream, epoch, comment=f"{sniffer.name} {expression}".rstrip())
    sink.announce(sniffer.ports)

    def take(captured: CapturedFrame) -> None:
        if wanted(captured):
            sink.write(captured)
            arrived.emit()

    def read() -> bytes:
        data = stream.getvalue()
        stream.seek(0)
        stream.truncate()
        return data

    sniffer.service(Sniffer).recorder.listeners.append(take)
    try:
        yield Stream(read, arrived)
    finally:
        if take in sniffer.service(Sniffer).recorder.listeners:
            sniffer.service(Sniffer).recorder.listeners.remove(take)


def save(context: Context, name: str) -> str:
    """`save NAME`: the buffer as a pcapng file in flash."""
    sniffer: Device = context.device
    stream = BytesIO()
    epoch = round((sniffer.origin - _EPOCH).total_seconds() * 1e9)
    written = sniffer.service(Sniffer).recorder.write(stream, epoch, comment=sniffer.name)
    name = name if name.endswith(".pcapng") else f"{name}.pcapng"
    sniffer.flash[name] = stream.getvalue()
    return f"{written} frames are in flash:{name}"


def _expression(text: str) -> Callable[[CapturedFrame], bool]:
    if not text.strip():
        return lambda _: True
    try:
        test = PacketFilter(text)
    except FilterError as error:
        raise CommandError(f"% Filter: {error}") from error
    return lambda captured: test(
        Seen(dissect(captured.frame), captured.port, captured.number, len(captured.frame))
    )


def exit(context: Context) -> Output:  # noqa: A001 - the command's name
    """`exit`."""
    return [Close()]
