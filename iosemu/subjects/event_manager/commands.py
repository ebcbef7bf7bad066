"""`event manager …`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from iosemu.box.timestamps import local_time
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Enter, InvalidArgument, Output, Steps
from iosemu.subjects.event_manager.config import (
    MAXRUN,
    Action,
    Applet,
    Comparison,
    EventManagerConfig,
    Trigger,
)
from iosemu.subjects.event_manager.cron import Cron
from iosemu.subjects.event_manager.flow import OPERATORS
from iosemu.subjects.event_manager.service import EventManager
from iosemu.subjects.event_manager.watches import PARAMETERS

TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)')
PRIORITIES = (
    "emergencies",
    "alerts",
    "critical",
    "errors",
    "warnings",
    "notifications",
    "informational",
    "debugging",
)


def _config(context: Context) -> EventManagerConfig:
    config: EventManagerConfig = context.device.config.of(EventManagerConfig)
    return config


def applet(context: Context, name: str) -> Output:
    """`event manager applet NAME`."""
    applets = _config(context).applets
    if context.off:
        applets.pop(name, None)
        return None
    return [Enter("config-applet", applets.setdefault(name, Applet(name)))]


def environment(context: Context, name: str, value: str = "") -> None:
    """`event manager environment NAME VALUE`."""
    if context.off:
        _config(context).environment.pop(name, None)
    else:
        _config(context).environment[name] = value


def _tokens(text: str) -> list[str]:
    return [quoted or bare for quoted, bare in TOKEN.findall(text)]


def _options(rest: str, allowed: tuple[str, ...], first: str = "") -> dict[str, str]:
    """Pairs of a word and its value; InvalidArgument for others."""
    words = _tokens(rest)
    if len(words) % 2 or (first and (not words or words[0] != first)):
        raise InvalidArgument("rest")
    found = dict(zip(words[::2], words[1::2], strict=True))
    if not found.keys() <= set(allowed):
        raise InvalidArgument("rest")
    return found


def _number(options: dict[str, str], name: str, usual: float) -> float:
    try:
        value = float(options.get(name, usual))
    except ValueError:
        raise InvalidArgument("rest") from None
    if value < 0:
        raise InvalidArgument("rest")
    return value


def _register(context: Context, trigger: Trigger) -> None:
    edited = context.edited(Applet)
    edited.trigger = None if context.off else trigger
    edited.changes += 1


def event_none(context: Context, rest: str = "") -> None:
    """`event none [sync yes|no] [maxrun N]`: `event manager run` sets it off."""
    options = _options(rest, ("sync", "maxrun"))
    _register(context, Trigger("none", f"none {rest}".strip(), maxrun=_number(options, "maxrun", MAXRUN)))


def event_syslog(context: Context, rest: str = "") -> None:
    """`event syslog pattern "REGEXP" [occurs N] [period SECONDS] [maxrun N]`."""
    if context.off:
        _register(context, Trigger("none", ""))
        return
    options = _options(rest, ("pattern", "occurs", "period", "maxrun"), "pattern")
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
    options = _options(rest, ("time", "cron-entry", "name", "maxrun"))
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
    options = _options(rest, ("maxrun",))
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
    options = _options(rest, (*sides, "poll-interval", "maxrun"))
    entry = _comparison(options, "entry")
    seconds = _number(options, "poll-interval", 0)
    if entry is None or not 1 <= seconds <= 86400:
        raise InvalidArgument("rest")
    text = f"interface name {interface} parameter {parameter} {rest}"
    made = Trigger(
        "interface", text, parameter, 0, interface, entry, _comparison(options, "exit"), seconds,
        maxrun=_number(options, "maxrun", MAXRUN),
    )  # fmt: skip
    _register(context, made)


def event_cli(context: Context, rest: str = "") -> None:
    """`event cli pattern "REGEXP" sync yes|no [skip yes|no] [occurs N] [period N]`."""
    if context.off:
        _register(context, Trigger("none", ""))
        return
    options = _options(rest, ("pattern", "sync", "skip", "occurs", "period", "maxrun"), "pattern")
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


def _act(context: Context, label: str, action: Action) -> None:
    actions = context.edited(Applet).actions
    if context.off:
        actions.pop(label, None)
    else:
        actions[label] = action


def _text(rest: str) -> str:
    words = _tokens(rest)
    return words[0] if rest.startswith('"') and len(words) == 1 else rest


def action_syslog(context: Context, label: str, rest: str = "", level: str = "informational") -> None:
    """`action LABEL syslog [priority LEVEL] msg "TEXT"`."""
    priority = f"priority {level} " if level != "informational" else ""
    text = f"syslog {priority}msg {rest}"
    _act(context, label, Action("syslog", text, _text(rest), severity=PRIORITIES.index(level)))


def action_cli(context: Context, label: str, rest: str = "") -> None:
    """`action LABEL cli command "LINE"`."""
    _act(context, label, Action("cli", f"cli command {rest}", _text(rest)))


def action_wait(context: Context, label: str, seconds: int = 1) -> None:
    """`action LABEL wait SECONDS`."""
    _act(context, label, Action("wait", f"wait {seconds}", str(seconds)))


def action_puts(context: Context, label: str, rest: str = "") -> None:
    """`action LABEL puts "TEXT"`."""
    _act(context, label, Action("puts", f"puts {rest}", _text(rest)))


def action_reload(context: Context, label: str) -> None:
    """`action LABEL reload`."""
    _act(context, label, Action("reload", "reload"))


def action_exit(context: Context, label: str, rest: str = "") -> None:
    """`action LABEL exit [STATUS]`."""
    _act(context, label, Action("exit", f"exit {rest}".strip(), _text(rest)))


def action_set(context: Context, label: str, name: str = "", rest: str = "") -> None:
    """`action LABEL set NAME VALUE`."""
    _act(context, label, Action("set", f"set {name} {rest}", _text(rest), name))


def action_count(
    context: Context, label: str, kind: str = "increment", name: str = "", rest: str = ""
) -> None:
    """`action LABEL increment|decrement NAME [N]`."""
    _act(context, label, Action(kind, f"{kind} {name} {rest}".strip(), _text(rest), name))


def action_condition(context: Context, label: str, kind: str = "if", rest: str = "") -> None:
    """`action LABEL if|elseif|while A eq|ne|gt|ge|lt|le B`; after `if` also `goto LABEL`."""
    words = tuple(_tokens(rest))
    if not context.off:
        jumps = len(words) == 5 and words[3] == "goto" and kind == "if"
        if (len(words) != 3 and not jumps) or words[1] not in OPERATORS:
            raise InvalidArgument("rest")
    _act(context, label, Action(kind, f"{kind} {rest}", words=words))


def action_flow(context: Context, label: str, kind: str = "end") -> None:
    """`action LABEL else|end|break|continue`."""
    _act(context, label, Action(kind, kind))


def action_foreach(context: Context, label: str, name: str = "", rest: str = "") -> None:
    """`action LABEL foreach VARIABLE "LIST" ["DELIMITER"]`."""
    words = tuple(_tokens(rest))
    if not context.off and not 1 <= len(words) <= 2:
        raise InvalidArgument("rest")
    _act(context, label, Action("foreach", f"foreach {name} {rest}", name=name, words=words))


def action_goto(context: Context, label: str, to: str = "") -> None:
    """`action LABEL goto LABEL`."""
    _act(context, label, Action("goto", f"goto {to}", to))


def action_append(context: Context, label: str, name: str = "", rest: str = "") -> None:
    """`action LABEL append VARIABLE TEXT`."""
    _act(context, label, Action("append", f"append {name} {rest}", _text(rest), name))


def action_calculate(context: Context, label: str, kind: str = "add", rest: str = "") -> None:
    """`action LABEL add|subtract|multiply|divide A B`: the outcome is `$_result`."""
    words = tuple(_tokens(rest))
    if not context.off and len(words) != 2:
        raise InvalidArgument("rest")
    _act(context, label, Action(kind, f"{kind} {rest}", words=words))


def action_regexp(context: Context, label: str, rest: str = "") -> None:
    """`action LABEL regexp "PATTERN" "TEXT"`: `$_regexp_result` is 1 where it fits, else 0."""
    words = tuple(_tokens(rest))
    if not context.off and len(words) != 2:
        raise InvalidArgument("rest")
    _act(context, label, Action("regexp", f"regexp {rest}", words=words))


def action_comment(context: Context, label: str, rest: str = "") -> None:
    """`action LABEL comment TEXT`."""
    _act(context, label, Action("comment", f"comment {rest}"))


def description(context: Context, text: str = "") -> None:
    """`description TEXT`."""
    context.edited(Applet).description = "" if context.off else _text(text)


def run(context: Context, name: str) -> Steps:
    """`event manager run NAME`."""
    found = _config(context).applets.get(name)
    if found is None or found.trigger is None or found.trigger.kind != "none":
        yield f"EEM policy {name} not registered with event none Event Detector"
        return
    yield from context.device.service(EventManager).run(found, {})


def show_registered(context: Context) -> Iterator[str]:
    """`show event manager policy registered`."""
    manager, device = context.device.service(EventManager), context.device
    yield f"{'No.':<5}{'Class':<10}{'Type':<8}{'Event Type':<20}{'Trap':<6}{'Time Registered':<26}Name"
    applets = [each for each in _config(context).applets.values() if each.trigger is not None]
    for number, each in enumerate(applets, 1):
        assert each.trigger is not None
        moment = local_time(device, manager.registered.get(each.name, device.now))
        when = f"{moment:%a %b} {moment.day} {moment:%H:%M:%S %Y}"
        kind = each.trigger.event_type
        yield f"{number:<5}{'applet':<10}{'user':<8}{kind:<20}{'Off':<6}{when:<26}{each.name}"
        if each.trigger.kind in ("syslog", "cli"):
            yield f" pattern {{{each.trigger.pattern}}}"
        elif each.trigger.kind == "cron":
            yield f" cron entry {{{each.trigger.pattern}}}"
        elif each.trigger.kind in ("track", "interface"):
            yield f" {each.trigger.text}"
        elif each.trigger.kind != "none":
            yield f" time {each.trigger.seconds:.3f}"
        yield f" maxrun {each.trigger.maxrun:.3f}"
        yield from (f" action {label} {action.text}" for label, action in each.ordered)
        yield ""


def show_history(context: Context) -> Iterator[str]:
    """`show event manager history events`."""
    device = context.device
    yield f"{'No.':<5}{'Job Id':<7}{'Proc Status':<13}{'Time of Event':<26}{'Event Type':<18}Name"
    for number, job in enumerate(device.service(EventManager).history, 1):
        moment = local_time(device, job.when)
        when = f"{moment:%a %b} {moment.day} {moment:%H:%M:%S %Y}"
        status = f"Actv {job.status}"
        yield f"{number:<5}{job.number:<7}{status:<13}{when:<26}{job.event_type:<18}applet: {job.applet}"


def show_environment(context: Context) -> Iterator[str]:
    """`show event manager environment`."""
    yield "No.  Name                          Value"
    for number, (name, value) in enumerate(_config(context).environment.items(), 1):
        yield f"{number:<5}{name:<30}{value}"
