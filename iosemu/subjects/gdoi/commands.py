"""`crypto gdoi …`: groups and their submodes, what clears and renews keys, what can be debugged."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from iosemu.handling.context import Context
from iosemu.handling.effects import Ask, CommandError, Enter, Output, Steps
from iosemu.subjects.acl.config import AclsConfig
from iosemu.subjects.gdoi.config import (
    GENERIC,
    LEVELS,
    OF_AREA,
    GdoiConfig,
    GdoiGroup,
    GroupIpsecSa,
    LocalServer,
    Redundancy,
)
from iosemu.subjects.gdoi.service.gdoi import Gdoi

MOST_SERVERS = 8


def group(context: Context, name: str) -> Output:
    """`[no] crypto gdoi group NAME`: enters the group, made when new."""
    groups = context.device.config.of(GdoiConfig).groups
    if context.off:
        groups.pop(name, None)
        return None
    return [Enter("config-gdoi-group", groups.setdefault(name, GdoiGroup(name)))]


def identity(context: Context, number: int | None = None, address: IPv4Address | None = None) -> None:
    """`[no] identity number N | address ipv4 A`: what the group is called in messages."""
    edited = context.edited(GdoiGroup)
    edited.number, edited.address = (None, None) if context.off else (number, address)


def identity_lines(edited: GdoiGroup) -> Iterator[str]:
    """`identity …`."""
    if edited.number is not None:
        yield f"identity number {edited.number}"
    elif edited.address is not None:
        yield f"identity address ipv4 {edited.address}"


def server_address(context: Context, address: IPv4Address) -> None:
    """`[no] server address ipv4 A`: key servers are tried in the order given."""
    edited = context.edited(GdoiGroup)
    if context.off:
        edited.servers = [each for each in edited.servers if each != address]
        return
    if address.is_multicast or address.is_unspecified or address.is_loopback or int(address) >> 28 == 15:
        raise CommandError(f"% Invalid address {address}")
    if edited.local is not None:
        raise CommandError("% Key Server is configured as local; remove it first")
    if address not in edited.servers:
        if len(edited.servers) >= MOST_SERVERS:
            raise CommandError(f"% No more than {MOST_SERVERS} key servers can be configured")
        edited.servers.append(address)


def server_lines(edited: GdoiGroup) -> Iterator[str]:
    """`server address ipv4 …`."""
    yield from (f"server address ipv4 {address}" for address in edited.servers)


def server_local(context: Context) -> Output:
    """`[no] server local`: enters the key server, made when new."""
    edited = context.edited(GdoiGroup)
    if context.off:
        edited.local = None
        return None
    if edited.servers:
        raise CommandError("% Key Server address is configured; remove it first")
    if edited.local is None:
        edited.local = LocalServer()
    return [Enter("gdoi-local-server", edited.local)]


def retransmit(context: Context, seconds: int = 10, number: int = 2) -> None:
    """`[no] rekey retransmit SECONDS [number N]`."""
    edited = context.edited(LocalServer)
    edited.retransmit, edited.repetitions = (10, 2) if context.off else (seconds, number)


def retransmit_lines(edited: LocalServer) -> Iterator[str]:
    """`rekey retransmit …`."""
    if (edited.retransmit, edited.repetitions) != (10, 2):
        yield f"rekey retransmit {edited.retransmit} number {edited.repetitions}"


def sa_ipsec(context: Context, number: int) -> Output:
    """`[no] sa ipsec N`: enters the SA, made when new."""
    edited = context.edited(LocalServer)
    if context.off:
        edited.sas.pop(number, None)
        return None
    return [Enter("gdoi-sa-ipsec", edited.sa(number))]


def redundancy(context: Context) -> Output:
    """`[no] redundancy`: enters the co-operation with other key servers, made when new."""
    edited = context.edited(LocalServer)
    if context.off:
        edited.redundancy = None
        return None
    if edited.redundancy is None:
        edited.redundancy = Redundancy()
    return [Enter("gdoi-coop-ks-config", edited.redundancy)]


def peer_address(context: Context, address: IPv4Address) -> None:
    """`[no] peer address ipv4 A`: another key server of the group."""
    peers = context.edited(Redundancy).peers
    if context.off:
        if address in peers:
            peers.remove(address)
        return
    if address.is_multicast or address.is_unspecified or address.is_loopback or int(address) >> 28 == 15:
        raise CommandError(f"% Invalid address {address}")
    if address not in peers:
        if len(peers) >= MOST_SERVERS - 1:
            raise CommandError(f"% No more than {MOST_SERVERS} key servers can be configured")
        peers.append(address)


def peer_lines(edited: Redundancy) -> Iterator[str]:
    """`peer address ipv4 …`."""
    yield from (f"peer address ipv4 {address}" for address in edited.peers)


def match_address(context: Context, number: int | None = None, acl: str | None = None) -> None:
    """`[no] match address ipv4 ACL`: an extended list, which need not be there yet."""
    name = acl if number is None else str(number)
    found = context.device.config.of(AclsConfig).get(name)
    if not context.off and found is not None and not found.extended:
        raise CommandError("% An extended access list is needed")
    context.edited(GroupIpsecSa).access_list = None if context.off else name


def match_lines(edited: GroupIpsecSa) -> Iterator[str]:
    """`match address ipv4 …`."""
    if edited.access_list is not None:
        yield f"match address ipv4 {edited.access_list}"


def replay(context: Context, kind: str = "counter", window: int | None = None) -> None:
    """`[no] replay counter window-size N | time window-size N`; `no replay` looks for no repetitions."""
    edited = context.edited(GroupIpsecSa)
    if context.defaulted:
        edited.replay_time, edited.replay_window = False, 64
    elif context.off:
        edited.replay_time, edited.replay_window = False, None
    else:
        edited.replay_time, edited.replay_window = kind == "time", window


def replay_lines(edited: GroupIpsecSa) -> Iterator[str]:
    """`replay …`, which always stands there."""
    if edited.replay_window is None:
        yield "no replay"
    else:
        kind = "time" if edited.replay_time else "counter"
        yield f"replay {kind} window-size {edited.replay_window}"


# --- exec ----------------------------------------------------------------------------------------------


def rekey(context: Context, name: str | None = None, replace_now: bool = False) -> Output:
    """`crypto gdoi ks [group NAME] rekey [replace-now]`: new keys now."""
    servers = context.device.service(Gdoi).servers
    if name is not None and name not in servers:
        raise CommandError(f"% Group {name} is not served by this key server")
    if not servers:
        raise CommandError("% There is no group that this box is the key server of")
    lines = []
    for each, server in servers.items():
        if name in (None, each) and not server.leads:
            lines.append(f"% Group {each}: rekeys are sent by the primary key server only")
        elif name in (None, each) and not server.renew(replace_now=replace_now):
            lines.append(f"% Group {each}: rekey is not configured completely, or there is no policy")
    return lines or None


def clear(context: Context) -> Steps:
    """`clear crypto gdoi`: policy and keys are dropped, members register anew."""
    yield "% The Key Server and Group Member will destroy created and downloaded policies."
    yield "% All Group Members are required to re-register."
    yield ""
    answer = yield Ask("Are you sure you want to proceed ? [yes/no]: ")
    if answer.strip().lower().startswith("y"):
        context.device.service(Gdoi).clear()


def clear_members(context: Context, now: bool = False) -> Steps:
    """`clear crypto gdoi ks members [now]`: members lose their keys soon, or at once, and register anew."""
    if now:
        yield "% This GM-Removal immediate message will cleanup all GMs downloaded policies"
        yield "% This will cause all GMs to re-register."
    else:
        yield "% This GM-Removal message will shorten all GMs' key lifetimes"
        yield "% and cause them to re-register before keys expiry."
    answer = yield Ask("Are you sure you want to proceed? [yes/no]: ")
    if not answer.strip().lower().startswith("y"):
        return
    for name, server in context.device.service(Gdoi).servers.items():
        yield f"Sending GM-Removal message to group {name}..."
        server.remove_members(now=now)


def debug(context: Context, level: str = "terse") -> str:
    """`[no] debug crypto gdoi [LEVEL]`: that level and all below it."""
    debugging = context.device.debugging
    at = LEVELS.index(level)
    wanted = LEVELS[: at + 1]
    if context.silenced:
        for each in LEVELS:
            debugging.set(GENERIC[each], False)
        return "GDOI Generic Debug level: (none)"
    for each in wanted:
        debugging.set(GENERIC[each], True)
    names = [each.capitalize() for each in ("packet", "detail", "event", "terse", "error") if each in wanted]
    if level == "terse":
        names.reverse()
    return f"GDOI Generic Debug level: ({', '.join(names)}) "


def debug_area(context: Context, area: str) -> str:
    """`[no] debug crypto gdoi gm | ks | infra | replay`: all that this part tells."""
    return context.device.debugging.set(OF_AREA[area], not context.silenced)
