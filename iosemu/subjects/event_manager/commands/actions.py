"""`action LABEL …`: what an applet does."""

from __future__ import annotations

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, InvalidArgument
from iosemu.subjects.event_manager import strings
from iosemu.subjects.event_manager.config import Action, Applet
from iosemu.subjects.event_manager.flow import OPERATORS
from iosemu.subjects.event_manager.parsing import pairs, tokens, unquoted

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


def _act(context: Context, label: str, action: Action) -> None:
    actions = context.edited(Applet).actions
    if context.off:
        actions.pop(label, None)
    else:
        actions[label] = action


def action_syslog(context: Context, label: str, rest: str = "", level: str = "informational") -> None:
    """`action LABEL syslog [priority LEVEL] msg "TEXT"`."""
    priority = f"priority {level} " if level != "informational" else ""
    text = f"syslog {priority}msg {rest}"
    _act(context, label, Action("syslog", text, unquoted(rest), severity=PRIORITIES.index(level)))


def action_cli(context: Context, label: str, rest: str = "") -> None:
    """`action LABEL cli command "LINE"`."""
    words = tokens(rest)
    if rest.startswith('"') and len(words) == 3 and words[1] == "pattern":
        options = (("pattern", words[2]),)
        _act(context, label, Action("cli", f"cli command {rest}", words[0], options=options))
        return
    _act(context, label, Action("cli", f"cli command {rest}", unquoted(rest)))


def action_wait(context: Context, label: str, seconds: int = 1) -> None:
    """`action LABEL wait SECONDS`."""
    _act(context, label, Action("wait", f"wait {seconds}", str(seconds)))


def action_puts(context: Context, label: str, rest: str = "") -> None:
    """`action LABEL puts "TEXT"`."""
    _act(context, label, Action("puts", f"puts {rest}", unquoted(rest)))


def action_reload(context: Context, label: str) -> None:
    """`action LABEL reload`."""
    _act(context, label, Action("reload", "reload"))


def action_exit(context: Context, label: str, rest: str = "") -> None:
    """`action LABEL exit [STATUS]`."""
    _act(context, label, Action("exit", f"exit {rest}".strip(), unquoted(rest)))


def action_set(context: Context, label: str, name: str = "", rest: str = "") -> None:
    """`action LABEL set NAME VALUE`."""
    _act(context, label, Action("set", f"set {name} {rest}", unquoted(rest), name))


def action_count(
    context: Context, label: str, kind: str = "increment", name: str = "", rest: str = ""
) -> None:
    """`action LABEL increment|decrement NAME [N]`."""
    _act(context, label, Action(kind, f"{kind} {name} {rest}".strip(), unquoted(rest), name))


def action_condition(context: Context, label: str, kind: str = "if", rest: str = "") -> None:
    """`action LABEL if|elseif|while A eq|ne|gt|ge|lt|le B`; after `if` also `goto LABEL`."""
    words = tuple(tokens(rest))
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
    words = tuple(tokens(rest))
    if not context.off and not 1 <= len(words) <= 2:
        raise InvalidArgument("rest")
    _act(context, label, Action("foreach", f"foreach {name} {rest}", name=name, words=words))


def action_goto(context: Context, label: str, to: str = "") -> None:
    """`action LABEL goto LABEL`."""
    _act(context, label, Action("goto", f"goto {to}", to))


def action_append(context: Context, label: str, name: str = "", rest: str = "") -> None:
    """`action LABEL append VARIABLE TEXT`."""
    _act(context, label, Action("append", f"append {name} {rest}", unquoted(rest), name))


def action_calculate(context: Context, label: str, kind: str = "add", rest: str = "") -> None:
    """`action LABEL add|subtract|multiply|divide A B`: the outcome is `$_result`."""
    words = tuple(tokens(rest))
    if not context.off and len(words) != 2:
        raise InvalidArgument("rest")
    _act(context, label, Action(kind, f"{kind} {rest}", words=words))


def action_regexp(context: Context, label: str, rest: str = "") -> None:
    """`action LABEL regexp "PATTERN" "TEXT" [MATCH [SUBMATCH …]]`: `$_regexp_result` is 1 where it fits, else 0."""
    words = tuple(tokens(rest))
    if not context.off and not 2 <= len(words) <= 12:
        raise InvalidArgument("rest")
    _act(context, label, Action("regexp", f"regexp {rest}", words=words))


def action_string(context: Context, label: str, kind: str = "length", rest: str = "") -> None:
    """`action LABEL string FUNCTION [nocase] [length N] TEXT …`: the outcome is `$_string_result`."""
    words = tokens(rest)
    options: list[tuple[str, str]] = []
    if words[:1] == ["nocase"]:
        options.append((words.pop(0), "yes"))
    if words[:1] == ["length"] and len(words) > 2:
        options.append(("length", words[1]))
        del words[:2]
    if not context.off and not strings.KINDS[kind] <= len(words) <= strings.KINDS[kind] + 2:
        raise InvalidArgument("rest")
    text = f"string {kind} {rest}"
    _act(context, label, Action("string", text, name=kind, words=tuple(words), options=tuple(options)))


def action_counter(
    context: Context, label: str, name: str = "", value: str = "", operation: str = "nop"
) -> None:
    """`action LABEL counter name N value V op set|inc|dec|nop`."""
    text = f"counter name {name} value {value} op {operation}"
    _act(context, label, Action("counter", text, value, name, options=(("op", operation),)))


def action_info(context: Context, label: str) -> None:
    """`action LABEL info type routername`."""
    _act(context, label, Action("info", "info type routername", name="routername"))


def action_interfaces(context: Context, label: str, mode: str = "", pattern: str = "") -> None:
    """`action LABEL info type interface-names [include|exclude|regexp PATTERN]`."""
    text = f"info type interface-names {mode} {pattern}".rstrip()
    options = (("mode", mode), ("pattern", unquoted(pattern)))
    _act(context, label, Action("info", text, name="interface-names", options=options))


def action_object(context: Context, label: str, oid: str = "", kind: str = "exact") -> None:
    """`action LABEL info type snmp oid O get-type exact|next`."""
    text = f"info type snmp oid {oid} get-type {kind}"
    _act(context, label, Action("info", text, name="snmp", options=(("oid", oid), ("get-type", kind))))


def action_track_set(context: Context, label: str, number: str = "", state: str = "up") -> None:
    """`action LABEL track set N state up|down`."""
    text = f"track set {number} state {state}"
    _act(context, label, Action("track set", text, number, options=(("state", state),)))


def action_track_read(context: Context, label: str, number: str = "") -> None:
    """`action LABEL track read N`: the state is `$_track_state`."""
    _act(context, label, Action("track read", f"track read {number}", number))


def _pairs(context: Context, rest: str, allowed: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return () if context.off else tuple(pairs(rest, allowed).items())


def action_trap(context: Context, label: str, rest: str = "") -> None:
    """`action LABEL snmp-trap [intdata1 N] [intdata2 N] [strdata TEXT]`."""
    options = _pairs(context, rest, ("intdata1", "intdata2", "strdata"))
    _act(context, label, Action("snmp-trap", f"snmp-trap {rest}".rstrip(), options=options))


def action_policy(context: Context, label: str, name: str = "") -> None:
    """`action LABEL policy NAME`: run an applet that waits for no event."""
    _act(context, label, Action("policy", f"policy {name}", name))


def action_mail(context: Context, label: str, rest: str = "") -> None:
    """`action LABEL mail server S to T from F [cc C] subject X body B [source-address A] [vrf V] [port N]`."""
    needed = ("server", "to", "from", "subject", "body")
    options = _pairs(context, rest, (*needed, "cc", "source-address", "vrf", "port"))
    if not context.off and not set(needed) <= set(dict(options)):
        raise CommandError("% Incomplete command.\n")
    _act(context, label, Action("mail", f"mail {rest}", options=options))


def action_comment(context: Context, label: str, rest: str = "") -> None:
    """`action LABEL comment TEXT`."""
    _act(context, label, Action("comment", f"comment {rest}"))
