"""`tacacs-server`, `radius-server`, `tacacs server`, `radius server`, and their source interfaces."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.box.passwords import Password
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Enter
from iosemu.handling.passwords import make_password
from iosemu.packets.radius import OLD_ACCOUNTING_PORT, OLD_AUTHENTICATION_PORT
from iosemu.packets.tacacs import PORT
from iosemu.subjects.aaa_servers.config import RadiusServer, ServerGroup, ServersConfig, TacacsServer


def _config(context: Context) -> ServersConfig:
    return context.device.config.of(ServersConfig)


def stored_key(context: Context, encoding: str, value: str) -> Password | None:
    """The key as it is kept; None for none."""
    return make_password(context, "password", encoding, value) if value else None


def tacacs_host(
    context: Context,
    address: IPv4Address | str,
    single_connection: bool = False,
    port: int = PORT,
    timeout: int | None = None,
    encoding: str = "",
    value: str = "",
) -> None:
    """`tacacs-server host A [single-connection] [port N] [timeout N] [key K]`."""
    hosts = _config(context).tacacs_hosts
    known = next((each for each in hosts if each.address == address), None)
    if context.off:
        if known is not None:
            hosts.remove(known)
        return
    key = stored_key(context, encoding, value)
    server = TacacsServer("", address, port, key, timeout, single_connection)
    if known is not None:
        hosts[hosts.index(known)] = server
    else:
        hosts.append(server)


def tacacs_key(context: Context, encoding: str = "", value: str = "") -> None:
    """`tacacs-server key K`."""
    _config(context).tacacs_key = None if context.off else stored_key(context, encoding, value)


def tacacs_timeout(context: Context, seconds: int = 0) -> None:
    """`tacacs-server timeout N`."""
    _config(context).tacacs_timeout = None if context.off else seconds


def directed_request(context: Context) -> None:
    """`tacacs-server directed-request`."""
    _config(context).directed_request = not context.off


def tacacs_source(context: Context, interface: str = "") -> None:
    """`ip tacacs source-interface X`."""
    _config(context).tacacs_source = "" if context.off else interface


def radius_source(context: Context, interface: str = "") -> None:
    """`ip radius source-interface X`."""
    _config(context).radius_source = "" if context.off else interface


def radius_host(
    context: Context,
    address: IPv4Address | str,
    authentication: int = OLD_AUTHENTICATION_PORT,
    accounting: int = OLD_ACCOUNTING_PORT,
    timeout: int | None = None,
    count: int | None = None,
    encoding: str = "",
    value: str = "",
) -> None:
    """`radius-server host A [auth-port N] [acct-port N] [timeout N] [retransmit N] [key K]`."""
    hosts = _config(context).radius_hosts
    key = None if context.off else stored_key(context, encoding, value)
    server = RadiusServer("", address, authentication, accounting, key, timeout, count)
    known = next((each for each in hosts if each.place == server.place), None)
    if context.off:
        if known is not None:
            hosts.remove(known)
    elif known is not None:
        hosts[hosts.index(known)] = server
    else:
        hosts.append(server)


def radius_key(context: Context, encoding: str = "", value: str = "") -> None:
    """`radius-server key K`."""
    _config(context).radius_key = None if context.off else stored_key(context, encoding, value)


def radius_timeout(context: Context, seconds: int = 0) -> None:
    """`radius-server timeout N`."""
    _config(context).radius_timeout = None if context.off else seconds


def radius_retransmit(context: Context, count: int = 0) -> None:
    """`radius-server retransmit N`."""
    _config(context).radius_retransmit = None if context.off else count


def radius_deadtime(context: Context, minutes: int = 0) -> None:
    """`radius-server deadtime N`."""
    _config(context).deadtime = None if context.off or not minutes else minutes


def dead_criteria(context: Context, seconds: int | None = None, tries: int | None = None) -> None:
    """`radius-server dead-criteria [time N] [tries N]`."""
    config = _config(context)
    config.dead_time = None if context.off else seconds
    config.dead_tries = None if context.off else tries


def tacacs_named(context: Context, name: str) -> list[Enter]:
    """`tacacs server NAME`."""
    servers = _config(context).tacacs_named
    if context.off:
        servers.pop(name, None)
        return []
    return [Enter("config-server-tacacs", servers.setdefault(name, TacacsServer(name)))]


def radius_named(context: Context, name: str) -> list[Enter]:
    """`radius server NAME`."""
    servers = _config(context).radius_named
    if context.off:
        servers.pop(name, None)
        return []
    return [Enter("config-radius-server", servers.setdefault(name, RadiusServer(name)))]


def tacacs_address(context: Context, address: IPv4Address | str = "") -> None:
    """`address ipv4 A` of a TACACS+ server."""
    context.edited(TacacsServer).address = None if context.off else address


def radius_address(
    context: Context,
    address: IPv4Address | str = "",
    authentication: int = OLD_AUTHENTICATION_PORT,
    accounting: int = OLD_ACCOUNTING_PORT,
) -> None:
    """`address ipv4 A [auth-port N] [acct-port N]` of a RADIUS server."""
    server = context.edited(RadiusServer)
    if context.off:
        server.address = None
        server.authentication_port, server.accounting_port = OLD_AUTHENTICATION_PORT, OLD_ACCOUNTING_PORT
        return
    for other in _config(context).radius_named.values():
        if other is not server and other.place == (address, authentication, accounting):
            raise CommandError(f"Host is already being used by server {other.name}")
    server.address, server.authentication_port, server.accounting_port = address, authentication, accounting


def server_key(context: Context, encoding: str = "", value: str = "") -> None:
    """`key K` of a server."""
    server = context.target
    assert isinstance(server, TacacsServer | RadiusServer)
    server.key = None if context.off else stored_key(context, encoding, value)


def server_timeout(context: Context, seconds: int = 0) -> None:
    """`timeout N` of a server."""
    server = context.target
    assert isinstance(server, TacacsServer | RadiusServer)
    server.timeout = None if context.off else seconds


def server_retransmit(context: Context, count: int = 0) -> None:
    """`retransmit N` of a RADIUS server."""
    context.edited(RadiusServer).retransmit = None if context.off else count


def server_port(context: Context, port: int = PORT) -> None:
    """`port N` of a TACACS+ server."""
    context.edited(TacacsServer).port = PORT if context.off else port


def single_connection(context: Context) -> None:
    """`single-connection` of a TACACS+ server: kept; each question has a connection of its own."""
    context.edited(TacacsServer).single = not context.off


def keep(context: Context, rest: str = "") -> None:
    """A line of a RADIUS server or of a group without behaviour; of two that begin alike the last one counts."""
    edited = context.target
    assert isinstance(edited, RadiusServer | ServerGroup)
    line = " ".join(context.words)
    key = context.words_before(rest)
    edited.kept.pop(key, None)
    if not context.off:
        edited.kept[key] = line
