"""`show crypto gdoi ks …`."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from iosemu.gdoi.policy import Tek
from iosemu.handling.context import Context
from iosemu.ike.keys import esp_key_lengths
from iosemu.subjects.gdoi.service.coop import PERIODIC, REFRESH, Peer, Role
from iosemu.subjects.gdoi.service.gdoi import Gdoi
from iosemu.subjects.gdoi.service.keyserver import KeyServer, Member
from iosemu.subjects.gdoi.show.words import CIPHERS, groups, rule_words, transform_text

FIRST_HANDLE = 0x40000002
FIRST_COOP_HANDLE = 0x80000002


def _servers(context: Context, name: str | None) -> Iterator[KeyServer]:
    servers = context.device.service(Gdoi).servers
    for group in groups(context.device, name):
        if group.name in servers:
            yield servers[group.name]


def show_ks(context: Context, name: str | None = None) -> Iterator[str]:
    """`show crypto gdoi [group NAME] ks`."""
    servers = list(_servers(context, name))
    yield f"Total group members registered to this box: {sum(len(each.members) for each in servers)}"
    for server in servers:
        yield ""
        yield f"Key Server Information For Group {server.group.name}:"
        yield f"    Group Name               : {server.group.name}"
        yield f"    Group Identity           : {server.group.shown_identity}"
        yield f"    Group Members            : {len(server.members)}"
        yield "    IPSec SA Direction       : Both"
        yield "    ACL Configured:"
        for sa in server.local.sas.values():
            if sa.access_list is not None:
                yield f"        access-list {sa.access_list}"


def show_acl(context: Context, name: str | None = None) -> Iterator[str]:
    """`show crypto gdoi [group NAME] ks acl`."""
    for server in _servers(context, name):
        yield f"Group Name: {server.group.name}"
        yield " Configured ACL:"
        for sa in server.local.sas.values():
            for rule in server.rules(sa):
                yield f"   access-list {sa.access_list}  {rule_words(rule)}"
        yield ""


def show_members(
    context: Context, name: str | None = None, address: IPv4Address | None = None
) -> Iterator[str]:
    """`show crypto gdoi [group NAME] ks members [A]`."""
    for server in _servers(context, name):
        found = [each for each in server.members.values() if address in (None, each.address)]
        if address is not None and not found:
            yield ""
            yield "Group Member not Found"
            yield ""
            continue
        group = server.group.name
        yield ""
        yield f"Number of rekeys sent for group {group} : {server.rekeys_sent}"
        yield f"Number of retransmits during the last rekey for group {group} : {server.retransmits}"
        yield f"Duration of the last rekey for group {group} : {int(server.duration * 1000)} msec"
        yield ""
        for member in found:
            yield from _member(server, member)
            yield ""


def _member(server: KeyServer, member: Member) -> Iterator[str]:
    yield f"Group Member ID    : {member.address}"
    yield f" Group ID          : {server.group.shown_identity}"
    yield f" Group Name        : {server.group.name}"
    yield " Group Type        : GDOI (ISAKMP)"
    yield " GM State          : Registered"
    yield f" Key Server ID     : {member.server}"
    yield f" Rekeys sent       : {member.rekeys}"
    yield f" Rekeys retries    : {member.retries}"
    yield f" Rekey Acks Rcvd   : {member.acknowledged}"
    yield f" Rekey Acks missed : {member.missed}"
    yield ""
    yield f" Sent seq num : {''.join(f'{each:<6}' for each in member.sent)}"
    yield f" Rcvd seq num : {''.join(f'{each:<6}' for each in member.received)}"


def show_policy(context: Context, name: str | None = None) -> Iterator[str]:
    """`show crypto gdoi [group NAME] ks policy`."""
    yield "Key Server Policy:"
    for number, server in enumerate(_servers(context, name)):
        handle = f"(handle: 0x{FIRST_HANDLE + number:08X})"
        yield f"For group {server.group.name} {handle} server {server.address} {handle}:"
        yield ""
        yield f"  # of teks : {len(server.teks)}  Seq num : {server.sequence}"
        yield from _kek(server)
        for tek in reversed(server.teks):
            yield ""
            yield from _tek(server, tek)
        yield ""


def _kek(server: KeyServer) -> Iterator[str]:
    kek, signer = server.kek, server.signer
    if kek is None or signer is None:
        return
    now = server.now
    yield "  KEK POLICY (transport type : Unicast)"
    yield f"    spi : 0x{kek.spi.hex().upper()}"
    yield f"    management alg     : disabled      encrypt alg           : {CIPHERS[kek.encryption]}"
    yield f"    crypto iv length   : {len(kek.iv):<13} key size              : {len(kek.key)}"
    rest = max(0, int(kek.expires - now))
    yield f"    orig life(sec)     : {kek.lifetime:<13} remaining life(sec)   : {rest}"
    yield f"    time to rekey (sec): {max(0, int(server.kek_rekey_at(kek) - now))}"
    yield f"    sig hash algorithm : enabled       sig key length        : {len(signer.der())}"
    yield f"    sig size           : {(signer.bits + 7) // 8}"
    yield f"    sig key name       : {signer.name}"
    yield "    acknowledgement    : Cisco"


def _tek(server: KeyServer, tek: Tek) -> Iterator[str]:
    now = server.now
    cipher, auth = esp_key_lengths(tek.suite)
    sa = server.local.sas.get(tek.number)
    yield "  TEK POLICY (encaps : ENCAPS_TUNNEL)"
    yield f"    spi                : 0x{tek.spi:X}"
    yield f"    access-list        : {sa.access_list if sa is not None else ''}"
    yield f"    transform          : {transform_text(tek.suite)}"
    yield f"    alg key size       : {cipher:<13} sig key size          : {auth}"
    yield f"    orig life(sec)     : {tek.original or tek.lifetime:<13} remaining life(sec)   : {tek.remaining(now)}"
    yield f"    tek life(sec)      : {tek.lifetime:<13} elapsed time(sec)     : {int(now - tek.created)}"
    window = tek.replay.window if tek.replay is not None else 0
    yield f"    override life(sec) : 0             antireplay window size: {window}"
    newest = server.newest(tek.number) is tek
    rest = str(max(0, int(server.tek_rekey_at(tek) - now))) if newest else "n/a"
    yield f"    time to rekey (sec): {rest}"


def show_coop(context: Context, name: str | None = None) -> Iterator[str]:
    """`show crypto gdoi [group NAME] ks coop`."""
    for number, server in enumerate(_servers(context, name)):
        coop = server.coop
        if coop is None:
            continue
        now, handle = server.now, FIRST_COOP_HANDLE + number
        yield f"Crypto Gdoi Group Name :{server.group.name} "
        yield f"        Group handle: {handle}, Local Key Server handle: {handle}"
        yield ""
        yield f"        Local Address: {server.address} "
        yield f"        Local Priority: {coop.priority:<8} "
        yield f"        Local KS Role: {coop.role.value:<10}, Local KS Status: {'Alive':<10}"
        remaining = max(0, int(coop.due - now))
        if coop.leads:
            yield "        Primary Timers: "
            yield f"                Primary Refresh Policy Time: {REFRESH:.0f} "
            yield f"                Remaining Time: {remaining}"
        elif coop.role is Role.SECONDARY:
            yield "        Secondary Timers: "
            yield f"                Sec Primary Periodic Time: {PERIODIC:.0f} "
            yield f"                Remaining Time: {remaining}, Retries: {coop.retries}"
        yield f"                Antireplay Sequence Number: {coop.sequence}"
        yield ""
        yield "        Peer Sessions:"
        for session, peer in enumerate(coop.peers.values(), 1):
            connected = server.service.connected(server.address, peer.address)
            yield f"        Session {session}:"
            yield f"                Server handle: {handle + session + 1}"
            yield from _peer(peer, connected=connected)
        yield ""


def _peer(peer: Peer, *, connected: bool) -> Iterator[str]:
    role = Role.PRIMARY if peer.primary else Role.SECONDARY
    state = "Dead" if peer.unreachable else "Unknown" if peer.heard is None else "Alive"
    status = "Established" if connected else "Failed" if peer.unreachable else "In Progress"
    yield f"                Peer Address: {peer.address}"
    yield f"                Peer Priority: {peer.priority:<16}"
    yield f"                Peer KS Role: {role.value:<10}, Peer KS Status: {state:<10}"
    yield f"                Antireplay Sequence Number: {peer.sequence}"
    yield ""
    yield f"                IKE status: {status}"
    yield "                Counters:"
    yield f"                    Ann msgs sent: {peer.sent}"
    yield f"                    Ann msgs sent with reply request: {peer.sent_asking}"
    yield f"                    Ann msgs recv: {peer.received} "
    yield f"                    Ann msgs recv with reply request: {peer.received_asking}"
    yield f"                    Packet sent drops: {peer.send_drops} "
    yield f"                    Packet Recv drops: {peer.receive_drops} "
    yield f"                    Total bytes sent: {peer.octets_sent} "
    yield f"                    Total bytes recv: {peer.octets_received}"


def show_rekey(context: Context, name: str | None = None) -> Iterator[str]:
    """`show crypto gdoi [group NAME] ks rekey`."""
    for server in _servers(context, name):
        local, now = server.local, server.now
        yield f"Group {server.group.name} ({'Unicast' if local.unicast else 'Multicast'})"
        yield f"    Number of Rekeys sent               : {server.rekeys_sent}"
        yield f"    Number of Rekeys retransmitted      : {server.retransmits}"
        yield f"    KEK rekey lifetime (sec)            : {local.lifetime}"
        if server.kek is not None:
            yield f"        Remaining lifetime (sec)        : {max(0, int(server.kek.expires - now))}"
        yield f"    Retransmit period                   : {local.retransmit}"
        yield f"    Number of retransmissions           : {local.repetitions}"
        for sa in local.sas.values():
            newest = server.newest(sa.number)
            if newest is None:
                continue
            yield f"    IPSec SA {sa.number}  lifetime (sec)          : {newest.lifetime}"
            yield f"        Remaining lifetime (sec)        : {newest.remaining(now)}"
        yield ""
