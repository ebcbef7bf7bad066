"""`show ntp associations [detail]`, `show ntp status`, `show ntp packets`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.box.system import SystemConfig
from iosemu.box.timestamps import by_clock
from iosemu.handling.context import Context
from iosemu.net.ntp.association import PHI, STAGES, Association
from iosemu.net.ntp.state import Loop
from iosemu.packets.ntp import EPOCH, UNIT, Mode
from iosemu.subjects.ntp.config import NtpConfig
from iosemu.subjects.ntp.service import Ntp

NOT_ENABLED = "%NTP is not enabled."
LEGEND = " * sys.peer, # selected, + candidate, - outlyer, x falseticker, ~ configured"
_MODES = {Mode.ACTIVE: "active", Mode.PASSIVE: "passive", Mode.SERVER: "server", Mode.BROADCAST: "bdcast"}
_KISS = (b"INIT", b"STEP", b"AUTH", b"LOCL")
_WORDS = {"*": "our_master, sane, valid", "+": "selected, sane, valid", "-": "sane, valid", "x": "falseticker, valid",
          " ": "insane, invalid"}  # fmt: skip


def reference_text(reference: bytes, stratum: int) -> str:
    """A reference ID: an address, or a name of four letters between full stops."""
    if reference in _KISS or stratum <= 1:
        name = reference.rstrip(b"\0").decode("ascii", "replace")
        return f".{name}."
    return str(IPv4Address(reference))


def _msec(seconds: float, digits: int) -> str:
    digits = digits if abs(seconds) < 10 else 1
    value = round(seconds * 1000, digits)
    return f"{value + 0.0:.{digits}f}"


def time_text(device: Device, stamp: int) -> str:
    """`DFA02517.D2F7B9F6 (13:40:23.824 EST Wed Nov 21 2018)`."""
    system = device.config.of(SystemConfig)
    moment = EPOCH + timedelta(seconds=stamp // UNIT, microseconds=(stamp % UNIT) * 1_000_000 // UNIT)
    if stamp:
        moment = by_clock(system, moment)
    clock = f"{moment:%H:%M:%S}.{moment.microsecond // 1000:03d}"
    day = f"{moment:%a %b} {moment.day} {moment.year}"
    name = f"{moment:%Z}" if stamp else system.timezone.name
    return f"{stamp >> 32:08X}.{stamp & 0xFFFFFFFF:08X} ({clock} {name} {day})"


def show_associations(context: Context) -> Iterator[str]:
    """`show ntp associations`."""
    device = context.device
    if not device.service(Ntp).running:
        yield NOT_ENABLED
        return
    yield ""
    yield "  address         ref clock       st   when   poll reach  delay  offset   disp"
    for each in device.service(Ntp).engine.associations:
        when = "-" if each.heard_at is None else str(int(device.now - each.heard_at))
        poll = 16 if each.local else 1 << each.poll
        mark = f"{each.status}{' ' if each.config.dynamic else '~'}"
        yield (
            f"{mark}{each.config.address!s:<16}{reference_text(each.reference_id, each.stratum):<15}"
            f"{each.stratum:>3}{when:>7}{poll:>7}{each.reach:>6o}{_msec(each.delay, 3):>7}"
            f"{_msec(each.offset, 3):>8}{_dispersion(each):>7}"
        )
    yield LEGEND


def _dispersion(each: Association) -> str:
    value = each.dispersion * 1000
    return "15937." if value >= 15936 else f"{value:.3f}"[:6]


def show_detail(context: Context) -> Iterator[str]:
    """`show ntp associations detail`."""
    device = context.device
    if not device.service(Ntp).running:
        yield NOT_ENABLED
        return
    for each in device.service(Ntp).engine.associations:
        yield from _detail(device, each)


def _detail(device: Device, each: Association) -> Iterator[str]:
    authenticated = ", authenticated" if each.authenticated else ""
    how = "dynamic" if each.config.dynamic else "configured"
    yield (f"{each.config.address} {how}, ipv4{authenticated}, {_WORDS[each.status]}, stratum {each.stratum}")
    yield f"ref ID {reference_text(each.reference_id, each.stratum):<15}, time {time_text(device, each.reference)}"
    ours = "active" if each.config.mode is Mode.ACTIVE else "client"
    if each.listening is not None:
        ours = "bdcast client"
    theirs = _MODES.get(Mode(each.peer_mode), "unspec")
    yield (
        f"our mode {ours}, peer mode {theirs}, our poll intvl {1 << each.poll}, "
        f"peer poll intvl {1 << max(0, min(each.peer_poll, 17))}"
    )
    distance = each.root_distance(device.now) if each.samples else 16.0
    yield (
        f"root delay {_msec(each.root_delay, 2)} msec, root disp {_msec(each.root_dispersion, 2)}, "
        f"reach {each.reach:o}, sync dist {_msec(distance, 2)}"
    )
    yield (
        f"delay {_msec(each.delay, 2)} msec, offset {_msec(each.offset, 4)} msec, "
        f"dispersion {_msec(each.dispersion, 2)}, jitter {_msec(each.jitter, 2)} msec"
    )
    yield f"precision 2**{abs(each.precision)}, version {each.config.version}"
    yield f"assoc id {each.identifier}, assoc name {each.config.address}"
    yield (
        f"assoc in packets {each.packets_in}, assoc out packets {each.packets_out}, "
        f"assoc error packets {each.packets_bad}"
    )
    # what we sent, while its answer is waited for; when one came last; and when it was sent
    yield f"org time {time_text(device, each.transmitted)}"
    yield f"rec time {time_text(device, each.received_at)}"
    yield f"xmt time {time_text(device, each.origin)}"
    rows = list(each.samples)
    spread = [row.dispersion + PHI * (device.now - row.when) for row in rows]
    for name, digits, values, empty in (
        ("filtdelay", 2, [row.delay for row in rows], 0.0),
        ("filtoffset", 2, [row.offset for row in rows], 0.0),
        ("filterror", 2, spread, 16.0),
    ):
        full = values + [empty] * (STAGES - len(values))
        texts = [_msec(value, digits) for value in full]
        first = texts[0].rjust(20 - len(name) - 2)
        yield f"{name} ={first}{''.join(each.rjust(8) for each in texts[1:])}"
    yield f"minpoll = {each.config.minpoll}, maxpoll = {each.config.maxpoll}"
    yield ""


def show_status(context: Context) -> Iterator[str]:
    """`show ntp status`."""
    device = context.device
    if not device.service(Ntp).running:
        yield NOT_ENABLED
        return
    engine = device.service(Ntp).engine
    system = engine.system
    uptime = int((device.now - device.booted_at) * 100)
    if system.peer is None:
        yield "Clock is unsynchronized, stratum 16, no reference clock"
    else:
        reference = reference_text(system.reference_id, system.stratum)
        yield f"Clock is synchronized, stratum {system.stratum}, reference is {reference}"
    yield "nominal freq is 250.0000 Hz, actual freq is 250.0000 Hz, precision is 2**24"
    yield f"ntp uptime is {uptime} (1/100 of seconds), resolution is 4000"
    yield f"reference time is {time_text(device, system.reference)}"
    yield f"clock offset is {_msec(system.offset, 4)} msec, root delay is {_msec(system.root_delay, 2)} msec"
    peer = system.peer.dispersion if system.peer is not None else 0.0
    yield f"root dispersion is {_msec(system.root_dispersion, 2)} msec, peer dispersion is {_msec(peer, 2)} msec"
    loop = engine.loop if engine.loop is not Loop.NSET else Loop.FSET
    yield f"loopfilter state is '{loop.name}' ({loop.value}), drift is 0.000000000 s/s"
    poll = 64 if system.peer is None else 16 if system.peer.local else 1 << system.peer.poll
    last = (
        "never updated"
        if system.updated is None
        else f"last update was {int(device.now - system.updated)} sec ago"
    )
    yield f"system poll interval is {poll}, {last}."


def show_packets(context: Context) -> Iterator[str]:
    """`show ntp packets`."""
    counters = context.device.service(Ntp).engine.counters
    yield f"Ntp In packets                  :  {counters.received}"
    yield f"Ntp Out packets                 :  {counters.sent}"
    yield f"Ntp bad version packets         :  {counters.bad_version}"
    yield f"Ntp protocol error packets      :  {counters.errors}"


def show_config(context: Context) -> Iterator[str]:
    """`show ntp config`."""
    for line in context.device.config.of(NtpConfig).peers.values():
        yield f" {line}"


def show_information(context: Context) -> Iterator[str]:
    """`show ntp information`: which software keeps the time."""
    facts = context.device.model.facts
    yield "Ntp Software Name       : Cisco-ntpv4"
    yield "Ntp Software Version    : Cisco-ntpv4-1.0"
    yield "Ntp Software Vendor     : CISCO"
    yield f"Ntp System Type         : Cisco IOS / {facts['family']} processor"
