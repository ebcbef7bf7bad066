"""`show crypto gdoi`: the groups of a box, as key server and as member."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.handling.context import Context
from iosemu.subjects.gdoi.config import GdoiGroup, LocalServer
from iosemu.subjects.gdoi.service.gdoi import Gdoi
from iosemu.subjects.gdoi.service.keyserver import KeyServer
from iosemu.subjects.gdoi.service.member import GroupMember
from iosemu.subjects.gdoi.show.member import acl_lines, kek_lines, member_lines, tek_lines
from iosemu.subjects.gdoi.show.words import groups


def show_gdoi(context: Context, name: str | None = None) -> Iterator[str]:
    """`show crypto gdoi [group NAME]`."""
    device = context.device
    gdoi = device.service(Gdoi)
    yield "GROUP INFORMATION"
    for group in groups(device, name):
        yield ""
        if group.local is not None:
            yield from _server(group, group.local, gdoi.servers.get(group.name))
        else:
            yield from _member(group, gdoi.members.get(group.name))


def _server(group: GdoiGroup, local: LocalServer, server: KeyServer | None) -> Iterator[str]:
    now = server.now if server is not None else 0.0
    transport = "Unicast" if local.unicast else "Multicast"
    yield f"    Group Name               : {group.name} ({transport})"
    yield f"    Group Identity           : {group.shown_identity}"
    yield f"    Group Members            : {len(server.members) if server is not None else 0}"
    yield "    IPSec SA Direction       : Both"
    yield f"    Group Rekey Lifetime     : {local.lifetime} secs"
    if server is not None and server.kek is not None:
        yield "    Group Rekey"
        yield f"        Remaining Lifetime   : {max(0, int(server.kek.expires - now))} secs"
    yield f"    Rekey Retransmit Period  : {local.retransmit} secs"
    yield f"    Rekey Retransmit Attempts: {local.repetitions}"
    rest = max(0, int(server.rekeying.due - now)) if server is not None and server.rekeying is not None else 0
    yield "    Group Retransmit"
    yield f"        Remaining Lifetime   : {rest} secs"
    for sa in local.sas.values():
        yield ""
        yield f"      IPSec SA Number        : {sa.number}"
        if server is not None:
            yield f"      IPSec SA Rekey Lifetime: {server.lifetime(sa)} secs"
        yield f"      Profile Name           : {sa.profile or ''}".rstrip()
        if sa.replay_window is not None:
            yield f"      Replay method          : {'Time' if sa.replay_time else 'Count'} Based"
            yield f"      Replay Window Size     : {sa.replay_window}"
        else:
            yield "      Replay method          : Disabled"
        newest = server.newest(sa.number) if server is not None else None
        if newest is not None:
            yield "      SA Rekey"
            yield f"         Remaining Lifetime  : {newest.remaining(now)} secs"
        if sa.access_list is not None:
            yield f"      ACL Configured         : access-list {sa.access_list}"
    yield ""
    yield "     Group Server list       : Local"
    yield "                               "


def _member(group: GdoiGroup, member: GroupMember | None) -> Iterator[str]:
    yield f"    Group Name               : {group.name}"
    yield f"    Group Identity           : {group.shown_identity}"
    yield f"    Rekeys received          : {member.rekeys.total if member is not None else 0}"
    yield "    IPSec SA Direction       : Both"
    yield ""
    servers = [str(each) for each in group.servers] or [""]
    yield f"     Group Server list       : {servers[0]}"
    for each in servers[1:]:
        yield f"                               {each}"
    yield "                               "
    if member is None:
        return
    yield from member_lines(member)
    yield ""
    yield "    Rekeys cumulative"
    yield f"       Total received        : {member.rekeys.total}"
    yield f"       After latest register : {member.rekeys.since_registration}"
    if member.unicast:
        yield f"       Rekey Acks sents      : {member.rekeys.acknowledged}"
    else:
        yield "       Rekey Received        : never"
    if not member.succeeded:
        return
    yield ""
    yield from acl_lines(member)
    yield ""
    yield from kek_lines(member)
    yield ""
    yield from tek_lines(member)
