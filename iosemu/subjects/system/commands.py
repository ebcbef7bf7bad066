"""`hostname`, users, secrets, services, banners and the like."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from iosemu.box.hiding import hide_passwords
from iosemu.box.system import SystemConfig, Timestamps, User
from iosemu.handling.context import Context
from iosemu.handling.delimited import delimited
from iosemu.handling.effects import CommandError, Confirm, InvalidArgument, Steps
from iosemu.handling.passwords import make_password
from iosemu.handling.vrf import found_vrf


def _system(context: Context) -> SystemConfig:
    system: SystemConfig = context.device.config.of(SystemConfig)
    return system


def hostname(context: Context, name: str = "") -> str | None:
    """`hostname NAME`: a letter first, then letters, digits and hyphens, 63 at most (RFC 1034, RFC 1178).

    What breaks that rule is taken with a warning, but for the length.
    """
    if context.off:
        _system(context).hostname = ""
        return None
    if len(name) > 63:
        raise CommandError("% Hostname is too long: 63 characters at most.")
    _system(context).hostname = name
    if not name[0].isalpha() or not all(letter.isalnum() or letter in "-_." for letter in name):
        return "% Hostname contains one or more illegal characters."
    return None


def enable(
    context: Context, kind: str, level: int = 15, encoding: str = "", value: str = ""
) -> Iterator[str]:
    """`enable secret|password …`."""
    system = _system(context)
    table = system.enable_secret if kind == "secret" else system.enable_password
    if context.off:
        table.pop(level, None)
        return
    stored = make_password(context, kind, encoding, value)
    other = system.enable_secret.get(level)
    if kind == "password" and other is not None and stored.type == 0 and other.matches(stored.value):
        yield "The enable password you have chosen is the same as your enable secret."
        yield "This is not recommended.  Re-enter the enable password."
    table[level] = stored


def username(
    context: Context,
    name: str,
    level: int | None = None,
    kind: str = "",
    encoding: str = "",
    value: str = "",
    rest: str = "",
) -> Steps:
    """`username NAME [privilege N] [secret|password …]`."""
    users = _system(context).users
    if context.off:
        if name not in users:
            raise CommandError(f"% User {name} does not exist")
        sure = yield Confirm(
            "This operation will remove all username related configurations with same name."
            "Do you want to continue? [confirm]"
        )
        if sure:
            users.pop(name, None)
        return
    stored = make_password(context, kind, encoding, value) if kind else None
    user = users.setdefault(name, User(name))
    if level is not None:
        user.privilege = level
    if kind:
        user.no_password = False
    if kind == "secret":
        user.secret, user.password = stored, None
    elif kind == "password":
        if user.secret is not None:
            raise CommandError(
                "ERROR: Can not have both a user password and a user secret.\nPlease choose one or the other."
            )
        user.password = stored


def _user(context: Context, name: str) -> User:
    return _system(context).users.setdefault(name, User(name))


def user_nopassword(context: Context, name: str, level: int | None = None) -> None:
    """`username NAME [privilege N] nopassword`."""
    user = _user(context, name)
    user.no_password, user.secret, user.password = True, None, None
    if level is not None:
        user.privilege = level


def user_autocommand(context: Context, name: str, command: str) -> None:
    """`username NAME autocommand COMMAND`."""
    _user(context, name).autocommand = command


def user_nohangup(context: Context, name: str) -> None:
    """`username NAME nohangup`."""
    _user(context, name).hangs_up = False


def user_noescape(context: Context, name: str) -> None:
    """`username NAME noescape`."""
    _user(context, name).escapes = False


def user_access_class(context: Context, name: str, acl: str) -> None:
    """`username NAME access-class LIST`."""
    _user(context, name).access_class = acl


def timestamps(context: Context, stream: str = "", uptime: bool = False) -> None:
    """`service timestamps [debug|log] [uptime]`."""
    usual = SystemConfig().timestamps
    for name in (stream,) if stream else ("debug", "log"):
        chosen = Timestamps("none" if context.negated else "uptime")
        _system(context).timestamps[name] = usual[name] if context.defaulted else chosen


def timestamps_datetime(
    context: Context,
    stream: str,
    msec: bool = False,
    localtime: bool = False,
    show_timezone: bool = False,
    year: bool = False,
) -> None:
    """`[no] service timestamps debug|log datetime …`; `no` takes the stamps away, whatever follows."""
    if context.off:
        usual = SystemConfig().timestamps[stream]
        _system(context).timestamps[stream] = usual if context.defaulted else Timestamps("none")
        return
    stamps = Timestamps("datetime", msec, localtime, show_timezone, year)
    _system(context).timestamps[stream] = stamps


def password_encryption(context: Context) -> None:
    """`service password-encryption`: hides the clear passwords that are there, too."""
    system = _system(context)
    system.password_encryption = not context.off
    if system.password_encryption:
        hide_passwords(context.device.config, context.device.rng)


def banner(context: Context, kind: str = "motd", text: str = "") -> Steps:
    """`banner motd #`: text up to the next delimiter, on this line or after it."""
    banners = _system(context).banners
    if context.off:
        banners.pop(kind, None)
        return
    banners[kind] = yield from delimited(text)


def name_server(context: Context, addresses: tuple[IPv4Address, ...] = (), vrf: str = "") -> None:
    """`ip name-server [vrf V] A.B.C.D …`."""
    found_vrf(context.device, "" if context.off else vrf)
    servers = _system(context).named(vrf).name_servers
    if context.off and not addresses:
        servers.clear()
    for text in map(str, addresses):
        if context.off and text in servers:
            servers.remove(text)
        elif not context.off and text not in servers:
            servers.append(text)


def domain_name(context: Context, vrf: str, name: str = "") -> None:
    """`ip domain name vrf V NAME`."""
    found_vrf(context.device, "" if context.off else vrf)
    _system(context).named(vrf).domain_name = "" if context.off else name


def domain_list(context: Context, name: str = "", vrf: str = "") -> None:
    """`ip domain list [vrf V] NAME`."""
    found_vrf(context.device, "" if context.off else vrf)
    domains = _system(context).named(vrf).domain_list
    if context.off:
        domains[:] = [each for each in domains if name not in ("", each)]
    elif name not in domains:
        domains.append(name)


def prompt(context: Context, text: str = "") -> None:
    """`prompt TEXT`: what stands in the place of the host name and its mark in exec mode."""
    _system(context).prompt = "" if context.off else text


def minimum_length(context: Context, length: int = 0) -> None:
    """`security passwords min-length N`: shorter ones are refused from now on."""
    _system(context).minimum_length = 0 if context.off else length


def register(context: Context, value: str) -> None:
    """`config-register VALUE`: what the box reads when it starts next."""
    number = int(value, 16)
    if number > 0xFFFF:
        raise InvalidArgument("value")
    context.device.register = number


def alias(context: Context, mode: str, name: str, meaning: str = "") -> None:
    """`alias exec NAME COMMAND`."""
    place = ("config" if mode == "configure" else mode, name)
    aliases = _system(context).aliases
    if context.off:
        if aliases.pop(place, None) is None:
            raise InvalidArgument("name")
    else:
        aliases[place] = meaning.strip()


def show_aliases(context: Context, mode: str = "") -> Iterator[str]:
    """`show aliases`."""
    aliases = _system(context).aliases
    for place in sorted({key[0] for key in aliases}):
        if mode and mode != place:
            continue
        yield f"{place.capitalize()} mode aliases:"
        for (where, name), meaning in list(aliases.items()):
            if where == place:
                yield f"  {name:22}{meaning}"
        yield ""


def privilege(context: Context, mode: str, level: int, command: str) -> None:
    """`privilege MODE level N COMMAND`."""
    names = {"configure": "config", "interface": "config-if", "line": "config-line"}
    place = (names.get(mode, mode), " ".join(command.split()))
    if context.off:
        _system(context).privileges.pop(place, None)
    else:
        _system(context).privileges[place] = level
