"""`event …`: what an applet waits for."""

from __future__ import annotations

import re

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, InvalidArgument
from iosemu.subjects.event_manager.config import MAXRUN, Applet, Comparison, Trigger
from iosemu.subjects.event_manager.cron import Cron
from iosemu.subjects.event_manager.flow import OPERATORS
from iosemu.subjects.event_manager.parsing import pairs
from iosemu.subjects.event_manager.watches import PARAMETERS
from iosemu.subjects.ip_sla.reactions import ELEMENTS

LONGEST = 4294967295
"""Seconds, or how often: the greatest number that an applet may name."""
OID = re.compile(r"\.?\d{1,10}(\.\d{1,10}){1,126}")


def _number(options: dict[str, str], name: str, usual: float) -> float:
    try:
        value = float(options.get(name, usual))
    except ValueError:
        raise InvalidArgument("rest") from None
    if not 0 <= value <= LONGEST:  # neither does what is no number
        raise InvalidArgument("rest")
    return value


def _register(context: Context, trigger: Trigger) -> None:
    edited = context.edited(Applet)
    edited.trigger = None if context.off else trigger
    edited.changes += 1


def event_none(context: Context, rest: str = "") -> None:
    """`event none [sync yes|no] [maxrun N]`: `event manager run` sets it off."""
    options = pairs(rest, ("sync", "maxrun"))
    _register(context, Trigger("none", f"none {rest}".strip(), maxrun=_number(options, "maxrun", MAXRUN)))


def event_syslog(context: Context, rest: str = "") -> None:
    """`event syslog pattern "REGEXP" [occurs N] [period SECONDS] [maxrun N]`."""
    if context.off:
        _register(context, Trigger("none", ""))
        return
    options = pairs(rest, ("pattern", "occurs", "period", "maxrun"), "pattern")
    made = Trigger(
        "syslog", f"syslog {rest}", options["pattern"], occurs=max(1, int(_number(options, "occurs", 1))),
        period=_number(options, "period", 0), maxrun=_number(options, "maxrun", MAXRUN),
    )  # fmt: skip
    _register(context, made)


def event_timer(context: Context, kind: str, rest: str = "") -> None:
    """`event timer watchdog|countdown time N [name X]`, `event timer cron cron-entry "…" [name X]`."""
    if context.off:
        _register(context, Trigger("none", ""))
        return
    wanted = "cron-entry" if kind == "cron" else "time"
    options = pairs(rest, ("time", "cron-entry", "name", "maxrun"))
    if wanted not in options:
        raise InvalidArgument("rest")
    seconds = 0.0
    if kind == "cron":
        try:
            Cron.parse(options[wanted])
        except ValueError:
            raise CommandError("%EEM: Invalid cron entry") from None
    else:
        seconds = _number(options, wanted, 0)
        if seconds < 0.001:
            raise InvalidArgument("rest")
    made = Trigger(
        kind,
        f"timer {kind} {rest}",
        options.get("cron-entry", ""),
        seconds=seconds,
        maxrun=_number(options, "maxrun", MAXRUN),
    )
    _register(context, made)


def event_track(context: Context, number: int = 0, state: str = "", rest: str = "") -> None:
    """`event track N state up|down|any [maxrun N]`."""
    options = pairs(rest, ("maxrun",))
    text = f"track {number} state {state} {rest}".strip()
    _register(context, Trigger("track", text, state, number, maxrun=_number(options, "maxrun", MAXRUN)))


def _comparison(options: dict[str, str], side: str) -> Comparison | None:
    """`entry-op OP entry-val N [entry-type T]`, and the same with `exit`."""
    if f"{side}-op" not in options and f"{side}-val" not in options:
        return None
    operator, kind = options.get(f"{side}-op", ""), options.get(f"{side}-type", "value")
    try:
        value = int(options.get(f"{side}-val", ""))
    except ValueError:
        raise InvalidArgument("rest") from None
    if operator not in OPERATORS or kind not in ("value", "increment"):
        raise InvalidArgument("rest")
    return Comparison(operator, value, kind == "increment")


def event_interface(context: Context, interface: str = "", parameter: str = "", rest: str = "") -> None:
    """`event interface name X parameter P entry-op OP entry-val N entry-type T poll-interval S [exit-op …]`."""
    if context.off:
        _register(context, Trigger("none", ""))
        return
    if parameter not in PARAMETERS:
        raise InvalidArgument("parameter")
    sides = [f"{side}-{word}" for side in ("entry", "exit") for word in ("op", "val", "type")]
    options = pairs(rest, (*sides, "poll-interval", "maxrun"))
    entry = _comparison(options, "entry")
    seconds = _number(options, "poll-interval", 0)
    if entry is None or not 1 <= seconds <= 86400:
        raise InvalidArgument("rest")
    text = f"interface name {interface} parameter {parameter} {rest}"
    made = Trigger(
        "interface", text, parameter, interface=interface, entry=entry, leaving=_comparison(options, "exit"),
        seconds=seconds, maxrun=_number(options, "maxrun", MAXRUN),
    )  # fmt: skip
    _register(context, made)


def event_counter(context: Context, name: str = "", rest: str = "") -> None:
    """`event counter name N entry-op OP entry-val N [exit-op OP exit-val N]`: `action counter` sets it off."""
    if context.off:
        _register(context, Trigger("none", ""))
        return
    sides = [f"{side}-{word}" for side in ("entry", "exit") for word in ("op", "val", "type")]
    options = pairs(rest, (*sides, "maxrun"))
    entry = _comparison(options, "entry")
    if entry is None:
        raise InvalidArgument("rest")
    made = Trigger(
        "counter", f"counter name {name} {rest}", name, entry=entry, leaving=_comparison(options, "exit"),
        maxrun=_number(options, "maxrun", MAXRUN),
    )  # fmt: skip
    _register(context, made)


def event_snmp(context: Context, oid: str = "", rest: str = "") -> None:
    """`event snmp oid O get-type exact|next entry-op OP entry-val N [entry-type T] poll-interval S [exit-op …]`."""
    if context.off:
        _register(context, Trigger("none", ""))
        return
    if not OID.fullmatch(oid):
        raise CommandError("%EEM: Invalid SNMP object identifier")
    sides = [f"{side}-{word}" for side in ("entry", "exit") for word in ("op", "val", "type")]
    options = pairs(rest, ("get-type", *sides, "poll-interval", "maxrun"), "get-type")
    entry, seconds = _comparison(options, "entry"), _number(options, "poll-interval", 0)
    if entry is None or options["get-type"] not in ("exact", "next") or not 1 <= seconds <= 4294967:
        raise InvalidArgument("rest")
    made = Trigger(
        "snmp", f"snmp oid {oid} {rest}", oid, following=options["get-type"] == "next", entry=entry,
        leaving=_comparison(options, "exit"), seconds=seconds, maxrun=_number(options, "maxrun", MAXRUN),
    )  # fmt: skip
    _register(context, made)


def event_ipsla(context: Context, rest: str = "") -> None:
    """`event ipsla operation-id N [reaction-type T] [dest-ip-address A]`: thresholds with `reaction-alerts`."""
    if context.off:
        _register(context, Trigger("none", ""))
        return
    options = pairs(rest, ("operation-id", "reaction-type", "dest-ip-address", "group-name", "maxrun"))
    element = options.get("reaction-type", "")
    if "operation-id" not in options and "dest-ip-address" not in options:
        raise InvalidArgument("rest")
    if element not in ("", *ELEMENTS):
        raise InvalidArgument("rest")
    made = Trigger(
        "ipsla", f"ipsla {rest}", element, int(_number(options, "operation-id", 0)),
        address=options.get("dest-ip-address", ""), maxrun=_number(options, "maxrun", MAXRUN),
    )  # fmt: skip
    _register(context, made)


def event_cli(context: Context, rest: str = "") -> None:
    """`event cli pattern "REGEXP" sync yes|no [skip yes|no] [occurs N] [period N]`."""
    if context.off:
        _register(context, Trigger("none", ""))
        return
    options = pairs(rest, ("pattern", "sync", "skip", "occurs", "period", "maxrun"), "pattern")
    if not {options.get("sync", ""), options.get("skip", "no")} <= {"yes", "no"}:
        raise InvalidArgument("rest")
    if options["sync"] == "no" and "skip" not in options:
        raise CommandError("% Incomplete command.\n")
    made = Trigger(
        "cli", f"cli {rest}", options["pattern"], occurs=max(1, int(_number(options, "occurs", 1))),
        period=_number(options, "period", 0), sync=options["sync"] == "yes", skip=options.get("skip") == "yes",
        maxrun=_number(options, "maxrun", MAXRUN),
    )  # fmt: skip
    _register(context, made)
