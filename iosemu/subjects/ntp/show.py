"""NTP: servers are configured and shown; no server is asked, so the clock stays unsynchronized."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.system import SystemConfig
from iosemu.box.timestamps import local_time
from iosemu.handling.context import Context

NOT_ENABLED = "%NTP is not enabled."


def servers(device: Device) -> list[str]:
    """The addresses of `ntp server` and `ntp peer` lines."""
    kept: dict[str, str] = device.config.of(SystemConfig).kept
    return [
        words[2]
        for words in (line.split() for line in kept.values())
        if words[:2] in (["ntp", "server"], ["ntp", "peer"]) and len(words) > 2
    ]


def show_associations(context: Context) -> Iterator[str]:
    """`show ntp associations`."""
    known = servers(context.device)
    if not known:
        yield NOT_ENABLED
        return
    yield ""
    yield "  address         ref clock       st   when   poll reach  delay  offset   disp"
    for address in known:
        yield f" ~{address:<16}{'.INIT.':<16}{16:>2}{'-':>7}{64:>7}{0:>6}{0:>7.3f}{0:>8.3f} 15937."
    yield " * sys.peer, # selected, + candidate, - outlyer, x falseticker, ~ configured"


def show_status(context: Context) -> Iterator[str]:
    """`show ntp status`."""
    device = context.device
    if not servers(device):
        yield NOT_ENABLED
        return
    zone = device.config.of(SystemConfig).timezone.name
    uptime = int((device.now - device.booted_at) * 100)
    yield "Clock is unsynchronized, stratum 16, no reference clock"
    yield "nominal freq is 250.0000 Hz, actual freq is 250.0000 Hz, precision is 2**24"
    yield f"ntp uptime is {uptime} (1/100 of seconds), resolution is 4000"
    epoch = local_time(device, 0).replace(year=1900, month=1, day=1, hour=0, minute=0, second=0)
    yield f"reference time is 00000000.00000000 (00:00:00.000 {zone} {epoch:%a %b} {epoch.day} {epoch.year})"
    yield "clock offset is 0.0000 msec, root delay is 0.00 msec"
    yield "root dispersion is 0.00 msec, peer dispersion is 0.00 msec"
    yield "loopfilter state is 'FSET' (Drift set from file), drift is 0.000000000 s/s"
    yield "system poll interval is 64, never updated."
