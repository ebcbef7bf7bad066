"""`ping` of IOS, in one line and as a dialog."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Any, ClassVar

from iosemu.box.device import Device
from iosemu.handling.context import Context
from iosemu.handling.effects import Ask, Effect, Interrupted, Steps, Write
from iosemu.handling.vrf import found_vrf
from iosemu.ip.config import IpSettings
from iosemu.ip.probe import IP_AND_ICMP, Answer, Probe
from iosemu.ip.stack import IpStack
from iosemu.packets.icmp import IcmpType
from iosemu.subjects.hosts.translate import translate
from iosemu.subjects.ping.probing import answer_to, pause_after

SIGNS = {IcmpType.ECHO_REPLY: "!", IcmpType.UNREACHABLE: "U", IcmpType.TIME_EXCEEDED: "&",
         IcmpType.SOURCE_QUENCH: "Q"}  # fmt: skip
COLUMNS = 70
"""Signs in one line."""
BAD_ADDRESS = "% Unrecognized host or address, or protocol not running."
BAD_SOURCE = (
    "% Invalid source. Must use same-VRF IP address or full interface name without spaces (e.g. Serial0/1)"
)


@dataclass(frozen=True)
class PingStyle:
    """How round trips are shown."""

    stem: ClassVar[str] = "ping"
    least_milliseconds: int = 1
    blank_line: bool = False
    """An empty line stands before `Type escape sequence to abort.`"""


@dataclass(slots=True)
class Options:
    """What the user chose."""

    repeat: int = 5
    size: int = 100
    timeout: float = 2.0
    source: IPv4Address | None = None
    tos: int = 0
    dont_fragment: bool = False
    validate: bool = False
    pattern: int = 0xABCD
    sweep: tuple[int, int, int] | None = None
    """Smallest, largest size and interval."""
    vrf: str = ""
    """The routing instance; empty: the default one."""


def ping(
    context: Context,
    host: IPv4Address | str | None = None,
    count: int = 5,
    octets: int = 100,
    seconds: int = 2,
    from_interface: str | None = None,
    from_address: IPv4Address | None = None,
    df_bit: bool = False,
    vrf: str = "",
    **_keywords: Any,
) -> Steps:
    """`ping [vrf V] [ip] HOST [repeat N] [size N] [timeout N] [source X] [df-bit]`."""
    found_vrf(context.device, vrf)
    if host is None:
        yield from extended(context, vrf)
        return
    address = yield from translate(context.device, host, vrf)
    if address is None:
        yield BAD_ADDRESS
        return
    options = Options(count, octets, float(seconds), dont_fragment=df_bit, vrf=vrf)
    source = from_interface or from_address
    if source is not None:
        options.source = source_address(context.device, str(source), vrf)
        if options.source is None:
            yield BAD_SOURCE
            return
    yield from run(context, address, options)


def source_address(device: Device, text: str, vrf: str = "") -> IPv4Address | None:
    """One of our addresses in a VRF, given as such or by its interface's full name; None when it is not."""
    stack = device.service(IpStack)
    interface = next((each for name, each in device.interfaces.items() if name.lower() == text.lower()), None)
    if interface is not None:
        if stack.vrf_of(interface.name).name != vrf:
            return None
        own = interface.config.of(IpSettings).address
        return own.ip if own is not None else None
    try:
        address = IPv4Address(text)
    except ValueError:
        return None
    return address if stack.vrf(vrf).is_local(address) else None


def _is_name(context: Context, text: str) -> bool:
    """Neither an address nor one of our interfaces."""
    try:
        IPv4Address(text)
    except ValueError:
        return not any(name.lower() == text.lower() for name in context.device.interfaces)
    return False


def extended(context: Context, vrf: str = "") -> Steps:
    """The dialog that `ping [vrf V]` alone begins."""
    options = Options(vrf=vrf)
    protocol = yield Ask("Protocol [ip]: ")
    if protocol.strip().lower() not in ("", "ip"):
        yield f'% Unknown protocol - "{protocol.strip()}", type "ping ?" for help'
        return
    target = yield Ask("Target IP address: ")
    address = (yield from translate(context.device, target.strip(), vrf)) if target.strip() else None
    if address is None:
        yield "% Bad IP address" if not target.strip() else BAD_ADDRESS
        return
    repeat = yield from ask_number("Repeat count", 5, 1, 2147483647)
    size = yield from ask_number("Datagram size", 100, 36, 18024)
    timeout = yield from ask_number("Timeout in seconds", 2, 0, 3600)
    if repeat is None or size is None or timeout is None:
        return
    options.repeat, options.size, options.timeout = repeat, size, float(timeout)
    more = yield Ask("Extended commands [n]: ")
    if more.strip().lower().startswith("y"):
        finished = yield from _extended_options(context, options)
        if not finished:
            return
    sweep = yield Ask("Sweep range of sizes [n]: ")
    if sweep.strip().lower().startswith("y"):
        low = yield from ask_number("Sweep min size", 36, 36, 18024)
        high = yield from ask_number("Sweep max size", 18024, 36, 18024)
        step = yield from ask_number("Sweep interval", 1, 1, 18024)
        if low is None or high is None or step is None:
            return
        options.sweep = (low, high, step)
    yield from run(context, address, options)


def _extended_options(context: Context, options: Options) -> Generator[str | Effect, Any, bool]:
    source = yield Ask("Source address or interface: ")
    if source.strip():
        options.source = source_address(context.device, source.strip(), options.vrf)
        if options.source is None:
            if _is_name(context, source.strip()):
                yield from translate(context.device, source.strip())
                yield ""
            yield BAD_SOURCE
            return False
    tos = yield from ask_number("Type of service", 0, 0, 255)
    if tos is None:
        return False
    options.tos = tos
    answer = yield Ask("Set DF bit in IP header? [no]: ")
    options.dont_fragment = answer.strip().lower().startswith("y")
    answer = yield Ask("Validate reply data? [no]: ")
    options.validate = answer.strip().lower().startswith("y")
    answer = yield Ask("Data pattern [0xABCD]: ")
    try:
        options.pattern = int(answer.strip() or "0xABCD", 16) & 0xFFFF
    except ValueError:
        yield "% Bad pattern"
        return False
    yield Ask("Loose, Strict, Record, Timestamp, Verbose[none]: ")
    return True


def ask_number(question: str, default: int, low: int, high: int) -> Generator[str | Effect, Any, int | None]:
    """Ask for a number; None after a complaint when the answer is none."""
    text = (yield Ask(f"{question} [{default}]: ")).strip()
    if not text:
        return default
    if text.isascii() and text.isdigit() and low <= int(text) <= high:
        return int(text)
    yield f"% A decimal number between {low} and {high}."
    return None


def run(context: Context, address: IPv4Address, options: Options) -> Steps:
    """Send the echoes and report."""
    device = context.device
    stack = device.service(IpStack)
    if device.image.style(PingStyle).blank_line:
        yield ""
    yield "Type escape sequence to abort."
    sizes = [options.size]
    if options.sweep is not None:
        low, high, step = options.sweep
        sizes = list(range(low, high + 1, step))
    count = options.repeat * len(sizes)
    label = f"[{sizes[0]}..{sizes[-1]}]" if options.sweep is not None else str(options.size)
    yield f"Sending {count}, {label}-byte ICMP Echos to {address}, timeout is {options.timeout:.0f} seconds:"
    if options.source is not None:
        yield f"Packet sent with a source address of {options.source} "
    if options.dont_fragment:
        yield "Packet sent with the DF bit set"
    if options.validate:
        yield "Reply data will be validated"
    vrf = stack.vrf(options.vrf)
    source = options.source or vrf.source_for(address)
    identifier = device.rng.randrange(1, 0x10000)
    answers: list[Answer] = []
    sent = 0
    try:
        for number in range(count):
            size = sizes[number % len(sizes)]
            payload = _payload(options.pattern, max(0, size - IP_AND_ICMP), device.now - device.booted_at)
            sent += 1
            with Probe(stack, address, source, vrf) as probe:
                probe.echo(
                    identifier, number & 0xFFFF, payload, tos=options.tos, dont_fragment=options.dont_fragment
                )
                yield answer_to(probe, options.timeout)
                yield from pause_after(probe)
                sign = "."
                if probe.answer is not None:
                    sign = SIGNS.get(IcmpType(probe.answer.message.type), "?")
                    if sign == "U" and probe.answer.message.code == 4:
                        sign = "M"
                    if sign == "!":
                        answers.append(probe.answer)
            yield Write(sign)
            if sent % COLUMNS == 0 and sent < count:
                yield ""
    except Interrupted:
        sent = max(sent - 1, len(answers))
        if not sent:
            yield ""
            return
    yield ""
    yield _success(answers, sent, device.image.style(PingStyle))


def _payload(pattern: int, length: int, uptime: float) -> bytes:
    """The data of an echo: the time since the start in milliseconds, eight octets, and then the pattern."""
    stamp = int(uptime * 1000).to_bytes(8, "big")
    return (stamp + pattern.to_bytes(2, "big") * (length // 2 + 1))[:length]


def _success(answers: list[Answer], sent: int, style: PingStyle) -> str:
    text = f"Success rate is {len(answers) * 100 // sent} percent ({len(answers)}/{sent})"
    if not answers:
        return text
    times = [max(style.least_milliseconds, answer.milliseconds) for answer in answers]
    average = sum(times) // len(times)
    return f"{text}, round-trip min/avg/max = {min(times)}/{average}/{max(times)} ms"
