"""`logging …` and `show logging`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.box.syslog import Message
from iosemu.handling.context import Context
from iosemu.handling.effects import Confirm, Steps
from iosemu.handling.vrf import found_vrf
from iosemu.subjects.logging.config import (
    PORT,
    TCP_PORT,
    LoggingConfig,
    LoggingStyle,
    LogHost,
    Severity,
    buffer_level,
)
from iosemu.subjects.logging.forwarding import SyslogClient


def _settings(context: Context) -> LoggingConfig:
    settings: LoggingConfig = context.device.config.of(LoggingConfig)
    return settings


def _level(level: str, usual: Severity) -> Severity:
    return Severity[level.upper()] if level else usual


def buffered(context: Context, size: int | None = None, level: str = "") -> None:
    """`logging buffered [SIZE] [LEVEL]`."""
    settings = _settings(context)
    if context.off:
        settings.buffered = "usual" if context.defaulted else None
        settings.buffer_size = LoggingConfig.buffer_size
        return
    settings.buffered = _level(level, Severity.DEBUGGING)
    settings.buffer_size = size or settings.buffer_size


def host(
    context: Context,
    address: IPv4Address,
    protocol: str = "udp",
    port: int | None = None,
    vrf: str = "",
    rest: str = "",
) -> None:
    """`logging host A.B.C.D [vrf V] [transport udp|tcp [port N]]`."""
    hosts = _settings(context).hosts
    if context.off:
        hosts.pop((address, vrf), None)
        return
    found_vrf(context.device, vrf)
    made = LogHost(address, vrf, protocol, port or (TCP_PORT if protocol == "tcp" else PORT))
    hosts[made.key] = made


def source(context: Context, vrf: str, interface: str = "") -> None:
    """`logging source-interface X vrf V`."""
    sources = _settings(context).vrf_sources
    if context.off:
        sources.pop(vrf, None)
        return
    found_vrf(context.device, vrf)
    sources[vrf] = interface


def count(context: Context) -> None:
    """`logging count`."""
    settings = _settings(context)
    settings.count = not context.off
    settings.counted_since = context.device.syslog.count


def origin(context: Context, kind: str = "", text: str = "") -> None:
    """`logging origin-id hostname|ip|string TEXT`."""
    settings = _settings(context)
    settings.origin_kind, settings.origin = ("", "") if context.off else (kind, text)


def show_count(context: Context) -> Iterator[str]:
    """`show logging count`."""
    device, settings = context.device, _settings(context)
    yield f"{'Facility':<14} {'Message Name':<32}{'Sev':>4} Occur      Last Time"
    yield "=" * 82
    if not settings.count:
        return
    last: dict[str, dict[tuple[str, int], list[Message]]] = {}
    for message in device.syslog.since(settings.counted_since):
        if message.mnemonic:
            names = last.setdefault(message.facility, {})
            names.setdefault((message.mnemonic, message.severity), []).append(message)
    for facility, names in sorted(last.items()):
        for (mnemonic, severity), found in sorted(names.items()):
            when = re.sub(r"^\d{6}: ", "", found[-1].stamp).removesuffix(": ")
            yield f"{facility:<14} {mnemonic:<33}{severity:>2} {len(found):>4} {when}"
        yield f"{'-' * 13}  {'-' * 31}  {'-' * 34}"
        yield f"{facility + ' TOTAL':<50} {sum(map(len, names.values())):>5}"
        yield ""


def buffer(device: Device) -> list[str]:
    """What the logging buffer holds: the newest messages that fit into its size."""
    settings: LoggingConfig = device.config.of(LoggingConfig)
    level = buffer_level(device)
    if level is None:
        return []
    lines: list[str] = []
    room = settings.buffer_size
    messages: list[Message] = device.syslog.since(settings.cleared)
    for message in reversed(messages):
        if message.severity > level:
            continue
        text = message.stamped
        room -= len(text) + 1
        if room < 0:
            break
        lines.append(text)
    return lines[::-1]


def show_logging(context: Context) -> Iterator[str]:
    """`show logging`."""
    device, settings = context.device, _settings(context)
    messages = list(device.syslog.messages)

    def state(level: Severity | None) -> str:
        if level is None:
            return "disabled"
        count = sum(message.severity <= level for message in messages)
        return f"level {level.name.lower()}, {count} messages logged"

    enabled = "enabled" if settings.enabled else "disabled"
    dropped = f"Syslog logging: {enabled} (0 messages dropped, 0 messages rate-limited,"
    others = "0 flushes, 0 overruns, xml disabled, filtering disabled)"
    if device.image.style(LoggingStyle).one_line:
        yield f"{dropped} {others}"
    else:
        yield from (dropped, f"{'':16}{others}")
    yield ""
    yield "No Active Message Discriminator."
    yield ""
    yield ""
    yield ""
    yield "No Inactive Message Discriminator."
    yield ""
    yield ""
    for name, level in (("Console", settings.console), ("Monitor", settings.monitor)):
        yield f"    {name} logging: {state(level)}" + (", xml disabled," if level is not None else "")
        if level is not None:
            yield "                     filtering disabled"
    yield f"    Buffer logging:  {state(buffer_level(device))}, xml disabled,"
    yield "                    filtering disabled"
    yield "    Exception Logging: size (4096 bytes)"
    yield f"    Count and timestamp logging messages: {'enabled' if settings.count else 'disabled'}"
    yield "    Persistent logging: disabled"
    yield ""
    yield "No active filter modules."
    yield ""
    trap = settings.trap
    yield (
        "    Trap logging: disabled"
        if trap is None
        else f"    Trap logging: level {trap.name.lower()}, "
        f"{sum(message.severity <= trap for message in messages)} message lines logged"
    )
    for each in settings.hosts.values():
        sent = device.service(SyslogClient).sent(each)
        stream = device.service(SyslogClient).streams.get(each.key)
        transport = f"{each.protocol} port {each.port}"
        yield f"        Logging to {each.address} {each.vrf} ({transport}, audit disabled,"
        yield f"              link {'up' if stream is None or stream.up else 'down'}),"
        yield f"              {sent} message lines logged, "
        yield "              0 message lines rate-limited, "
        yield "              0 message lines dropped-by-MD, "
        yield "              xml disabled, sequence number disabled"
        yield "              filtering disabled"
    if settings.source_interface or settings.vrf_sources:
        yield "        Logging Source-Interface:       VRF Name:"
    if settings.source_interface:
        yield f"        {settings.source_interface}"
    for vrf, interface in settings.vrf_sources.items():
        yield f"        {interface:<32}{vrf}"
    if buffer_level(device) is not None:
        yield ""
        yield f"Log Buffer ({settings.buffer_size} bytes):"
        yield ""
        yield from buffer(device)


def clear_logging(context: Context) -> Steps:
    """`clear logging`."""
    sure = yield Confirm("Clear logging buffer [confirm]")
    if sure:
        _settings(context).cleared = context.device.syslog.count
