"""`snmp-server …` and `debug snmp packets`."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, InvalidArgument
from iosemu.handling.vrf import found_vrf
from iosemu.net.snmp.usm import Auth, Priv
from iosemu.packets.snmp import TRAP_PORT
from iosemu.subjects.snmp.config import (
    LEVELS,
    PACKETS,
    CommunityLine,
    EngineAddress,
    GroupLine,
    HostLine,
    InformSettings,
    SnmpConfig,
    UserLine,
    ViewLine,
)
from iosemu.subjects.snmp.names import family_of, name_of
from iosemu.subjects.snmp.running import TRAP_LINES, TRAP_WORDS
from iosemu.subjects.snmp.service import SnmpAgent

_BY_NAME = {name: level for level, name in LEVELS.items()}
LONGEST = 117
"""Characters of a community string (the command reference says 117)."""


def _config(context: Context) -> SnmpConfig:
    found: SnmpConfig = context.device.config.of(SnmpConfig)
    return found


def disable(context: Context) -> None:
    """`no snmp-server`: the agent is off, and all that was typed is gone."""
    config, fresh = _config(context), SnmpConfig()
    for field in vars(fresh):
        setattr(config, field, getattr(fresh, field))
    context.device.service(SnmpAgent).keep_users()


def community(
    context: Context, name: str, view: str = "", mode: str = "ro", number: str = "", rest: str = ""
) -> None:
    """`snmp-server community NAME [view V] [ro | rw] [LIST]`."""
    communities = _config(context).communities
    if context.off:
        communities.pop(name, None)
        return
    if len(name) > LONGEST or "@" in name:
        raise InvalidArgument("name")
    communities[name] = CommunityLine(name, mode == "rw", view, number)


def text(context: Context, word: str, text: str = "") -> None:
    """`snmp-server location|contact|chassis-id TEXT`."""
    setattr(_config(context), word.replace("-", "_"), "" if context.off else text)


def view(context: Context, name: str, subtree: str = "", how: str = "included") -> None:
    """`snmp-server view NAME SUBTREE included|excluded`; without a subtree `no` takes the whole view."""
    views = _config(context).views
    if context.off and not subtree:
        for key in [key for key in views if key[0] == name]:
            del views[key]
        return
    family = family_of(subtree)
    if family is None:
        raise InvalidArgument("subtree")
    spelled = name_of(family)
    if context.off:
        views.pop((name, spelled), None)
    else:
        views[name, spelled] = ViewLine(name, spelled, family, how == "included")


def group(
    context: Context,
    name: str,
    model: str = "v3",
    level: str = "noauth",
    readview: str = "",
    writeview: str = "",
    notifyview: str = "",
    number: str = "",
) -> None:
    """`snmp-server group NAME v1|v2c|v3 [LEVEL] [read V] [write V] [notify V] [access LIST]`."""
    groups, key = _config(context).groups, (name, model, _BY_NAME[level])
    if context.off:
        groups.pop(key, None)
    else:
        groups[key] = GroupLine(name, model, _BY_NAME[level], readview, writeview, notifyview, number)


NO_REMOTE = "% Remote engineID is not configured"
"""A user's keys are made of its engine's ID."""


def user(
    context: Context,
    name: str,
    group: str = "",
    hash: str = "",  # noqa: A002 - named as in the syntax
    password: str = "",
    cipher: str = "",
    bits: str = "128",
    secret: str = "",
    number: str = "",
    remote: IPv4Address | None = None,
    port: int = TRAP_PORT,
    vrf: str = "",
    rest: str = "",
) -> None:
    """`snmp-server user NAME GROUP [remote A …] v3 [auth md5|sha X [priv des|aes 128 Y]] [access LIST]`; in NVRAM."""
    config = _config(context)
    users, before = config.users, dict(config.users)
    where = EngineAddress(remote, port, vrf) if remote is not None else None
    if context.off:
        users.pop((name, where), None)
    else:
        if where is not None and where not in config.remote_engines:
            raise CommandError(NO_REMOTE)
        auth = {"md5": Auth.MD5, "sha": Auth.SHA}.get(hash)
        priv = Priv.DES if cipher == "des" else Priv[f"AES{bits}"] if cipher == "aes" else None
        line = UserLine(name, group, auth, password, priv, secret, number, where)
        users[line.key] = line
    try:
        context.device.service(SnmpAgent).keep_users()
    except Exception:
        users.clear()
        users.update(before)
        raise


def _engine_digits(number: str) -> str:
    """An engine ID as it is kept: shorter ones are filled with zeros to 24 digits. Raises CommandError."""
    digits = number.upper()
    if not 10 <= len(digits) <= 64 or set(digits) - set("0123456789ABCDEF"):
        raise CommandError("% Invalid engineID length.  Must be between 10 and 64 hex digits")
    if len(digits) % 2:
        digits += "0"
    return digits if len(digits) >= 24 else digits.ljust(24, "0")


def engine(context: Context, number: str = "") -> None:
    """`snmp-server engineID local HEX`."""
    _config(context).engine = "" if context.off else _engine_digits(number)


def remote_engine(
    context: Context, address: IPv4Address, port: int = TRAP_PORT, vrf: str = "", number: str = ""
) -> None:
    """`snmp-server engineID remote A [udp-port N] [vrf V] HEX`: of a manager that takes informs of version 3."""
    config, where = _config(context), EngineAddress(address, port, vrf)
    if not context.off:
        digits = _engine_digits(number)
        found_vrf(context.device, vrf)
        config.remote_engines[where] = digits
    elif where in config.remote_engines:
        config.forget_engine(where)
        context.device.service(SnmpAgent).keep_users()


def host(
    context: Context,
    address: IPv4Address,
    name: str = "",
    how: str = "traps",
    version: str = "1",
    level: str = "noauth",
    port: int = TRAP_PORT,
    types: tuple[str, ...] = (),
    vrf: str = "",
) -> None:
    """`snmp-server host A [vrf V] [traps | informs] [version V] NAME [udp-port N] [TYPES]`."""
    hosts = _config(context).hosts
    if context.off:
        which = (address, vrf)
        for key in [key for key, each in hosts.items() if (each.address, each.vrf) == which]:
            if name in ("", hosts[key].name):
                del hosts[key]
        return
    if how == "informs" and version == "1":
        raise CommandError("%Informs not supported in SNMPv1")
    found_vrf(context.device, vrf)
    line = HostLine(address, name, how == "informs", version, _BY_NAME[level], port, types, vrf)
    hosts[line.key] = line


def source(context: Context, interface: str = "", what: str = "traps") -> None:
    """`snmp-server trap-source INTERFACE`, `snmp-server source-interface traps|informs INTERFACE`."""
    field = "inform_source" if what == "informs" else "trap_source"
    setattr(_config(context), field, "" if context.off else interface)


def informs(
    context: Context, pending: int | None = None, retries: int | None = None, timeout: int | None = None
) -> None:
    """`snmp-server inform [pending N] [retries N] [timeout SECONDS]`; `no` restores what is named, or all."""
    config, typed = _config(context), {"pending": pending, "retries": retries, "timeout": timeout}
    named = {word: value for word, value in typed.items() if value is not None}
    if not context.off:
        config.inform = replace(config.inform, **named)
    elif named:
        fresh = InformSettings()
        config.inform = replace(config.inform, **{word: getattr(fresh, word) for word in named})
    else:
        config.inform = InformSettings()


def rated_traps(context: Context, kind: str, rate: int | None = None) -> None:
    """`snmp-server enable traps port-security|storm-control [trap-rate N]`, in a second or a minute; 0: all."""
    config = _config(context)
    config.trap_rates.pop(kind, None)
    if context.off:
        config.traps.pop(kind, None)
        return
    config.traps[kind] = None
    if rate is not None:
        config.trap_rates[kind] = rate


def traps(
    context: Context,
    kind: str = "",
    what: str = "",
    authentication: bool = False,
    linkdown: bool = False,
    linkup: bool = False,
    coldstart: bool = False,
    warmstart: bool = False,
) -> None:
    """`snmp-server enable traps [KIND …]`: without one all that are sent here."""
    enabled = _config(context).traps
    flags = {
        "authentication": authentication,
        "linkdown": linkdown,
        "linkup": linkup,
        "coldstart": coldstart,
        "warmstart": warmstart,
    }
    named = [f"snmp {word}" for word, on in flags.items() if on]
    every = [f"snmp {word}" for word in TRAP_WORDS]
    if kind == "snmp":
        wanted = named or every
    elif kind == "ospf":
        wanted = ["ospf state-change"]
    elif kind == "ipsec":
        wanted = [f"ipsec tunnel {what}"] if what else ["ipsec tunnel start", "ipsec tunnel stop"]
    else:
        wanted = [kind] if kind else [*every, *TRAP_LINES]
    for line in wanted:
        if context.off:
            enabled.pop(line, None)
        else:
            enabled[line] = None


def debug_packets(context: Context) -> str:
    """`[no] debug snmp packets`."""
    return context.device.debugging.set(PACKETS, not context.silenced)
