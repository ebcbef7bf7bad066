"""`aaa group server …` and the lines of a group."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Enter
from iosemu.handling.vrf import found_vrf
from iosemu.packets.radius import OLD_ACCOUNTING_PORT, OLD_AUTHENTICATION_PORT
from iosemu.packets.tacacs import PORT
from iosemu.subjects.aaa_servers.commands.servers import stored_key
from iosemu.subjects.aaa_servers.config import (
    RADIUS,
    TACACS,
    Member,
    Protocol,
    RadiusServer,
    Server,
    ServerGroup,
    ServersConfig,
    TacacsServer,
)


def group(context: Context, protocol: str, name: str) -> list[Enter]:
    """`aaa group server tacacs+|radius NAME`."""
    groups = context.device.config.of(ServersConfig).groups
    known = groups.get(name)
    if context.off:
        if known is not None and known.protocol == protocol:
            del groups[name]
        return []
    if name in (TACACS, RADIUS) or (known is not None and known.protocol != protocol):
        raise CommandError(f"%Server group {name} already exists and is of a different type")
    kind: Protocol = "tacacs+" if protocol == TACACS else "radius"
    return [Enter("config-sg", groups.setdefault(name, ServerGroup(name, kind)))]


def _change(context: Context, member: Member | Server) -> None:
    members = context.edited(ServerGroup).members
    if isinstance(member, Member):
        if context.off:
            if member in members:
                members.remove(member)
        elif member not in members:
            members.append(member)
        return
    known = [each for each in members if not isinstance(each, Member) and each.address == member.address]
    if isinstance(member, RadiusServer):
        known = [each for each in known if isinstance(each, RadiusServer) and each.place == member.place]
    if context.off:
        for each in known:
            members.remove(each)
    elif known:
        members[members.index(known[0])] = member
    else:
        members.append(member)


def server_name(context: Context, name: str) -> None:
    """`server name NAME`."""
    _change(context, Member(name))


def server(
    context: Context,
    address: IPv4Address | str,
    authentication: int = OLD_AUTHENTICATION_PORT,
    accounting: int = OLD_ACCOUNTING_PORT,
) -> str | None:
    """`server A [auth-port N] [acct-port N]`: one of those that are configured for all."""
    edited, config = context.edited(ServerGroup), context.device.config.of(ServersConfig)
    member = Member("", address, authentication, accounting)
    _change(context, member)
    if context.off or context.session.quiet:
        return None
    if edited.protocol == "tacacs+":
        known = any(each.address == address for each in config.all_tacacs())
    else:
        known = any(each.place == (address, authentication, accounting) for each in config.all_radius())
    return None if known else f"AAA: Warning: Server {address} is not defined.\n"


def server_private(
    context: Context,
    address: IPv4Address | str,
    authentication: int = OLD_AUTHENTICATION_PORT,
    accounting: int = OLD_ACCOUNTING_PORT,
    port: int = PORT,
    timeout: int | None = None,
    count: int | None = None,
    encoding: str = "",
    value: str = "",
) -> None:
    """`server-private A …`: one that only this group has."""
    key = None if context.off else stored_key(context, encoding, value)
    made: Server
    if context.edited(ServerGroup).protocol == "tacacs+":
        made = TacacsServer("", address, port, key, timeout)
    else:
        made = RadiusServer("", address, authentication, accounting, key, timeout, count)
    _change(context, made)


def source_interface(context: Context, protocol: str = "", interface: str = "") -> None:
    """`ip tacacs|radius source-interface X` of a group."""
    context.edited(ServerGroup).source_interface = "" if context.off else interface


def vrf_forwarding(context: Context, vrf: str = "") -> None:
    """`ip vrf forwarding V` of a group: where its servers are."""
    found_vrf(context.device, "" if context.off else vrf)
    context.edited(ServerGroup).vrf = "" if context.off else vrf


def deadtime(context: Context, minutes: int = 0) -> None:
    """`deadtime N` of a group."""
    context.edited(ServerGroup).deadtime = None if context.off else minutes
