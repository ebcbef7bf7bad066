"""`show crypto gdoi gm …` and `show crypto gdoi ipsec sa`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.gdoi.numbers import PORT
from iosemu.handling.context import Context
from iosemu.subjects.acl.config import AclsConfig
from iosemu.subjects.acl.text import entry_words
from iosemu.subjects.gdoi.service.gdoi import Gdoi
from iosemu.subjects.gdoi.service.member import GroupMember
from iosemu.subjects.gdoi.show.words import (
    CIPHERS,
    PROTOCOLS,
    groups,
    replay_text,
    rule_words,
    transform_text,
)


def _members(context: Context, name: str | None) -> Iterator[GroupMember]:
    members = context.device.service(Gdoi).members
    for group in groups(context.device, name):
        if group.name in members:
            yield members[group.name]


def _elapsed(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"


def member_lines(member: GroupMember) -> Iterator[str]:
    """The state of a member, as it stands in `show crypto gdoi`."""
    rekeys = member.rekeys
    yield f"    Group member             : {member.local!s:<15} vrf: None"
    if member.registering:
        yield "       Registration status   : Registering"
        yield f"       Registering to        : {member.server}"
    else:
        yield f"       Registration status   : {'Registered' if member.registered else 'Not Registered'}"
        if member.registered:
            yield f"       Registered with       : {member.server}"
    yield f"       Re-registers in       : {member.again_in} sec"
    yield f"       Succeeded registration: {member.succeeded}"
    yield f"       Attempted registration: {member.attempted}"
    yield f"       Last rekey from       : {rekeys.last_from}"
    yield f"       Last rekey seq num    : {rekeys.last_sequence}"
    if member.unicast:
        yield f"       Unicast rekey received: {rekeys.total}"
        yield f"       Rekey ACKs sent       : {rekeys.acknowledged}"
        moment = _elapsed(member.now - rekeys.last_at) if rekeys.last_at is not None else "never"
        yield f"       Rekey Rcvd(hh:mm:ss)  : {moment}"
    else:
        yield f"       Multicast rekey rcvd  : {rekeys.total}"


def acl_lines(member: GroupMember) -> Iterator[str]:
    """The policy that the key server gave."""
    yield f" ACL Downloaded From KS {member.server}:"
    for rule in member.rules:
        yield f"   access-list  {rule_words(rule)}"


def kek_lines(member: GroupMember) -> Iterator[str]:
    """How rekeys are protected."""
    yield "KEK POLICY:"
    kek, signer = member.kek, member.signer
    if kek is None or signer is None:
        return
    yield "    Rekey Transport Type     : Unicast"
    yield f"    Lifetime (secs)          : {max(0, int(kek.expires - member.now))}"
    yield f"    Encrypt Algorithm        : {CIPHERS[kek.encryption]}"
    yield f"    Key Size                 : {len(kek.key) * 8:<7}"
    yield "    Sig Hash Algorithm       : HMAC_AUTH_SHA"
    yield f"    Sig Key Length (bits)    : {signer.bits:<7}"


def tek_lines(member: GroupMember) -> Iterator[str]:
    """The SAs of the group, interface by interface."""
    yield "TEK POLICY for the current KS-Policy ACEs Downloaded:"
    if not member.teks:
        return
    for interface in member.interfaces:
        yield f"  {interface}:"
        for live in member.teks:
            yield "    IPsec SA:"
            yield f"        spi: 0x{live.tek.spi:X}({live.tek.spi})"
            yield f"        transform: {transform_text(live.tek.suite)} "
            yield f"        sa timing:remaining key lifetime (sec): ({live.pair.remaining_seconds(member.now)})"
            yield f"        {replay_text(live.tek.replay)}"
            yield ""


def show_gm(context: Context, name: str | None = None) -> Iterator[str]:
    """`show crypto gdoi [group NAME] gm`."""
    for member in _members(context, name):
        yield f"Group Member Information For Group {member.group.name}:"
        yield "    IPSec SA Direction       : Both"
        yield f"    ACL Received From KS     : gdoi_group_{member.group.name}_temp_acl"
        yield ""
        first, *rest = member_lines(member)
        yield first
        yield f"       Local addr/port       : {member.local}/{PORT}"
        yield f"       Remote addr/port      : {member.server or '0.0.0.0'}/{PORT}"  # noqa: S104 - printed
        yield "       fvrf/ivrf             : None/None"
        yield from rest
        yield f"       Active TEK Number     : {len(member.teks)}"
        yield ""


def show_acl(context: Context, name: str | None = None) -> Iterator[str]:
    """`show crypto gdoi [group NAME] gm acl`."""
    for member in _members(context, name):
        yield f"Group Name: {member.group.name}"
        yield from acl_lines(member)
        yield " ACL Configured Locally: "
        found = context.device.config.of(AclsConfig).get(member.entry.access_list)
        if found is not None:
            yield f"   Map Name: {member.entry.name}"
            for line in found.entries:
                yield f"   access-list {found.name} {entry_words(context.session.render, found, line)}"
        yield ""


def show_rekey(context: Context, name: str | None = None) -> Iterator[str]:
    """`show crypto gdoi [group NAME] gm rekey`."""
    for member in _members(context, name):
        rekeys = member.rekeys
        yield f"Group {member.group.name} ({'Unicast' if member.unicast else 'Multicast'})"
        yield f"    Number of Rekeys received (cumulative)       : {rekeys.total}"
        yield f"    Number of Rekeys received after registration : {rekeys.since_registration}"
        yield f"    Number of Rekey Acks sent                    : {rekeys.acknowledged}"
        yield ""
        yield "    Rekey (KEK) SA information :"
        yield "             dst             src             conn-id  my-cookie  his-cookie"
        kek = member.kek
        if kek is None:
            yield "    Current : ---"
        else:
            mine, his = kek.spi[8:12].hex().upper(), kek.spi[:4].hex().upper()
            yield (
                f"    Current: {member.local!s:<15} {member.server!s:<15} {member.rekey_conn_id:>7}  {mine:<9}  {his}"
            )
        yield ""


def show_replay(context: Context, name: str | None = None) -> Iterator[str]:
    """`show crypto gdoi [group NAME] gm replay`."""
    for member in _members(context, name):
        yield f"Anti-replay Information For Group {member.group.name}:"
        timed = any(live.pair.clock is not None for live in member.teks)
        failed = sum(live.pair.inbound[0].replay_failures for live in member.teks)
        refused = sum(flow.counters.replay_failed for flow in member.flows.values())
        came = sum(live.pair.inbound[0].packets for live in member.teks)
        left = sum(live.pair.outbound[0].packets for live in member.teks)
        if timed:
            yield "    Timebased Replay:"
            yield f"        Replay Value             : {member.clock():.2f} secs"
        else:
            yield "    Counter-based Replay:"
        yield f"        Input Packets            : {came:<9} Output Packets           : {left}"
        yield f"        Input Error Packets      : {max(failed, refused):<9} Output Error Packets     : 0"
        yield ""


def show_sa(context: Context, name: str | None = None) -> Iterator[str]:
    """`show crypto gdoi [group NAME] ipsec sa`."""
    for member in _members(context, name):
        if not member.teks:
            continue
        yield f"SA created for group {member.group.name}:"
        replay = member.teks[-1].tek.replay
        kind = "None/0" if replay is None else f"{'Time' if replay.time else 'Counter'}/{replay.window}"
        for interface in member.interfaces:
            yield f"  {interface}:"
            for rule in member.rules:
                if not rule.permit:
                    continue
                selector = rule.selector
                protocol = PROTOCOLS.get(selector.protocol, str(selector.protocol))
                yield f"    protocol = {protocol}"
                for side, network, port in (
                    ("local ", selector.local, selector.local_port),
                    ("remote", selector.remote, selector.remote_port),
                ):
                    text = "ANY" if network.prefixlen == 0 else str(network).removesuffix("/32")
                    yield f"      {side} ident = {text}, port = {port}"
                yield f"      direction: Both, replay(method/window): {kind}"
