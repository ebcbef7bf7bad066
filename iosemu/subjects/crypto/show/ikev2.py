"""`show crypto ikev2 …` and `clear crypto ikev2 sa`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.handling.context import Context
from iosemu.ike.types import EspTransform, TrafficSelector
from iosemu.ikev2.numbers import ConfigType
from iosemu.ikev2.sa import Child, IkeSa, Role, State
from iosemu.ikev2.selectors import range_of
from iosemu.subjects.crypto.config.ikev2 import (
    DEFAULT,
    ENCRYPTIONS,
    INTEGRITIES,
    PRFS,
    Ikev2Config,
    Ikev2Policy,
    Ikev2Profile,
    Ikev2Proposal,
    Ikev2Style,
    NamedIdentity,
    default_policy,
)
from iosemu.subjects.crypto.debug.ikev2_words import notify_name
from iosemu.subjects.crypto.service.engine import CryptoEngine
from iosemu.subjects.crypto.service.flow import CryptoFlow
from iosemu.subjects.crypto.show.ipsec_sa import inside_of
from iosemu.subjects.crypto.words import (
    GROUP_NAMES,
    INTEGRITY_NAMES,
    PRF_NAMES,
    cipher_family,
    cipher_name,
)

HEADING = "Tunnel-id Local                 Remote                fvrf/ivrf            Status "
ESP_FAMILIES = {
    EspTransform.DES: "DES",
    EspTransform.TRIPLE_DES: "3DES",
    EspTransform.NULL: "NULL",
    EspTransform.AES_CBC: "AES-CBC",
    EspTransform.AES_GCM_16: "AES-GCM",
    EspTransform.AES_GMAC: "AES-GMAC",
}
DESCRIPTIONS = {
    State.INIT_SENT: "Initiator waiting for INIT response",
    State.AUTH_SENT: "Initiator waiting for AUTH response",
    State.INIT_RECEIVED: "Responder waiting for AUTH message",
    State.READY: "Negotiation done",
}
RULE = "-" * 80


def _all(router: Device) -> list[IkeSa]:
    return list(router.service(CryptoEngine).ikev2.engine.sas)


def show_sa(
    context: Context,
    detailed: bool = False,
    remote: bool = False,
    address: IPv4Address | None = None,
    local: bool = False,
    own: IPv4Address | None = None,
) -> Iterator[str]:
    """`show crypto ikev2 sa [detailed | local A | remote A]`."""
    router = context.device
    chosen = [
        sa for sa in _all(router) if address in (None, sa.peer.address) and own in (None, sa.local.address)
    ]
    if not chosen:
        return
    yield " IPv4 Crypto IKEv2  SA "
    yield ""
    for sa in chosen:
        yield from _rows(router, sa, detailed=detailed)
        yield ""
    yield " IPv6 Crypto IKEv2  SA "
    yield ""


def _vrfs(router: Device, sa: IkeSa) -> str:
    """`FVRF/IVRF`: where the peer is, and where what is protected comes from."""
    crypto = router.service(CryptoEngine)
    front = crypto.fronts.of(sa.local.address, sa.peer.address).name
    pairs = [pair for pair in crypto.sadb if (pair.local, pair.peer) == (sa.local.address, sa.peer.address)]
    owner = next((pair.owner for pair in pairs if isinstance(pair.owner, CryptoFlow)), None)
    inside = inside_of(router, owner) if owner is not None else front
    return f"{front or 'none'}/{inside or 'none'}"


def _rows(router: Device, sa: IkeSa, *, detailed: bool) -> Iterator[str]:
    """The block of one SA."""
    yield HEADING
    local, peer = f"{sa.local.address}/{sa.local.port}", f"{sa.peer.address}/{sa.peer.port}"
    yield f"{sa.number:<9} {local:<21} {peer:<21} {_vrfs(router, sa):<20} {sa.status:<6} "
    suite = sa.suite
    if suite is not None:
        prf = f"PRF: {PRF_NAMES[suite.prf]}, " if router.image.style(Ikev2Style).prf_shown else ""
        size = f"keysize: {suite.key_bits}, " if suite.key_bits else ""
        known = sa.established is not None
        own, peer_ = (sa.own_method, sa.peer_method) if known else ("Unknown - 0", "Unknown - 0")
        yield (
            f"      Encr: {cipher_family(suite.encr)}, {size}{prf}Hash: {INTEGRITY_NAMES[suite.integ]}, "
            f"DH Grp:{suite.group}, Auth sign: {own}, Auth verify: {peer_}"
        )
    yield f"      Life/Active Time: {sa.lifetime}/{sa.active(router.now)} sec"
    if detailed:
        yield from _detail(router, sa)


def _detail(router: Device, sa: IkeSa) -> Iterator[str]:
    configuration = router.service(CryptoEngine).ikev2.configuration
    yield f"      CE id: {sa.ce_id}, Session-id: {sa.session}"
    yield f"      Status Description: {DESCRIPTIONS.get(sa.state, 'Deleting IKE SA')}"
    own, peer = sa.own_spi.hex().upper(), sa.peer_spi.hex().upper()
    yield f"      Local spi: {own}       Remote spi: {peer}"
    yield f"      Local id: {sa.own_identity or ''}"
    yield f"      Remote id: {sa.peer_identity or ''}"
    if sa.user:
        yield f"      Remote EAP id: {sa.user}"
    asked, expected = sa.next_request, sa.expected
    yield f"      Local req msg id:  {asked:<15}Remote req msg id:  {expected:<10}"
    yield f"      Local next msg id: {asked:<15}Remote next msg id: {expected:<10}"
    yield f"      Local req queued:  {asked + len(sa.queue):<15}Remote req queued:  {expected:<10}"
    yield f"      Local window:      {sa.window:<15}Remote window:      {sa.peer_window:<10}"
    liveness = configuration.liveness(sa.profile) if sa.profile is not None else None
    interval, retry = (liveness.interval, liveness.retry) if liveness is not None else (0, 0)
    yield f"      DPD configured for {interval} seconds, retry {retry}"
    mtu = configuration.fragmentation()
    yield "      Fragmentation not  configured." if not mtu else f"      Fragmentation configured, MTU {mtu}"
    yield "      Extended Authentication not configured."
    if sa.nat.found:
        yield f"      NAT-T is detected {'inside' if sa.nat.local else 'outside'}"
    else:
        yield "      NAT-T is not detected  "
    yield "      Cisco Trust Security SGT is disabled"
    session = router.service(CryptoEngine).ikev2.sessions.sessions.get(sa.session)
    if session is not None and session.address is not None:
        whose = "Assigned host addr" if session.pool is not None else "Pushed IP address"
        yield f"      {whose}: {session.address}"
    yield f"      Initiator of SA : {'Yes' if sa.role is Role.INITIATOR else 'No'}"
    if session is not None and session.routes:
        yield "      Remote subnets:"
        yield from (f"      {each.network_address} {each.netmask}" for each in session.routes)


def show_session(context: Context, detailed: bool = False) -> Iterator[str]:
    """`show crypto ikev2 session [detailed]`: SAs with their child SAs."""
    router = context.device
    sessions: dict[int, list[IkeSa]] = {}
    for sa in _all(router):
        sessions.setdefault(sa.session, []).append(sa)
    if not sessions:
        return
    yield " IPv4 Crypto IKEv2 Session "
    yield ""
    for number, listed in sessions.items():
        count = sum(len(sa.children) for sa in listed)
        status = "UP-ACTIVE" if count else "UP-IDLE" if any(sa.up for sa in listed) else "DOWN-NEGOTIATING"
        yield f"Session-id:{number}, Status:{status}, IKE count:{len(listed)}, CHILD count:{count}"
        yield ""
        for sa in listed:
            yield from _rows(router, sa, detailed=detailed)
            for child in sa.children.values():
                yield from _child(child, detailed=detailed)
            yield ""
    yield " IPv6 Crypto IKEv2 Session "
    yield ""


def _selector(selector: TrafficSelector) -> str:
    found = range_of(selector)
    return f"{found.first}/{found.first_port} - {found.last}/{found.last_port}"


def _child(child: Child, *, detailed: bool) -> Iterator[str]:
    local, remote = child.selectors
    yield f"Child sa: local selector  {_selector(local)}"
    yield f"          remote selector {_selector(remote)}"
    esp, ah = child.sa.proposal.esp, child.sa.proposal.ah
    pair = f"0x{child.spi:X}/0x{child.peer_spi:X}"
    yield f"          ESP spi in/out: {pair if esp is not None else '0x0/0x0'}  "
    if not detailed:
        return
    yield f"          AH spi in/out: {pair if ah is not None else '0x0/0x0'}  "
    yield "          CPI in/out: 0x0/0x0  "
    mode = child.sa.proposal.encapsulation.name.lower().removeprefix("udp_")
    if esp is not None:
        size = f"keysize: {esp.key_bits}, " if esp.key_bits else ""
        hmac = {0: "None", 1: "MD596", 2: "SHA96", 5: "SHA256", 6: "SHA384", 7: "SHA512"}[esp.auth]
        yield f"          Encr: {ESP_FAMILIES[esp.cipher]}, {size}esp_hmac: {hmac}"
    else:
        yield "          Encr: None, esp_hmac: None"
    yield f"          ah_hmac: {ah.transform.name if ah is not None else 'None'}, comp: IPCOMP_NONE, mode {mode}"


# What is configured.


def show_proposal(context: Context, name: str | None = None) -> Iterator[str]:
    """`show crypto ikev2 proposal [NAME | default]`."""
    config = context.device.config.of(Ikev2Config)
    listed = [config.proposal(DEFAULT), *(p for key, p in config.proposals.items() if key != DEFAULT)]
    for each in listed:
        if each is not None and name in (None, each.name):
            yield from _proposal(each)


def _proposal(each: Ikev2Proposal) -> Iterator[str]:
    def names(words: Iterable[str]) -> str:
        return " ".join(words) or "none"

    yield f" IKEv2 proposal: {each.name} "
    yield f"     Encryption : {names(cipher_name(*ENCRYPTIONS[word]) for word in each.encryption)}"
    integrity = [INTEGRITY_NAMES[INTEGRITIES[word]] for word in each.integrity]
    yield f"     Integrity  : {names(integrity if not each.combined else ())}"
    yield f"     PRF        : {names(PRF_NAMES[PRFS[word]] for word in each.prfs)}"
    yield f"     DH Group   : {names(GROUP_NAMES[group] for group in each.groups)}"


def show_policy(context: Context, name: str | None = None) -> Iterator[str]:
    """`show crypto ikev2 policy [NAME | default]`."""
    config = context.device.config.of(Ikev2Config)
    listed = list(config.policies.values())
    if DEFAULT not in config.policies and config.default_policy:
        listed.insert(0, default_policy())
    chosen = [each for each in listed if name in (None, each.name)]
    for index, each in enumerate(chosen):
        if index:
            yield ""
        yield from _policy(each)


def _policy(each: Ikev2Policy) -> Iterator[str]:
    built_in = each.name == DEFAULT
    yield f" IKEv2 policy : {each.name}"
    vrf = each.fvrf or "global"
    yield f"      Match fvrf {'' if built_in else ' '}: {vrf}"
    where = " ".join(map(str, each.addresses)) or "any "
    yield f"      Match address local : {where}"
    names = each.proposals or ["none"]
    yield f"      Proposal    : {names[0]}"
    for other in names[1:]:
        yield f"                    {other}"


def show_profile(context: Context, name: str | None = None) -> Iterator[str]:
    """`show crypto ikev2 profile [NAME]`."""
    for each in context.device.config.of(Ikev2Config).profiles.values():
        if name in (None, each.name):
            yield ""
            yield from _profile(context.device, each)


def _named(each: NamedIdentity) -> str:
    if each.network is not None:
        return f"address {each.network.network_address} {each.network.netmask}"
    return f"{each.kind} {each.name}".strip()


def _profile(device: Device, each: Ikev2Profile) -> Iterator[str]:
    config = device.config.of(Ikev2Config)
    yield f"IKEv2 profile: {each.name}"
    if each.description:
        yield f" Description: {each.description}"
    yield f" Status: {'Complete' if each.complete else 'Incomplete'}"
    yield " Ref Count: 1"
    yield " Match criteria: "
    yield f"  Fvrf: {each.fvrf or 'global'}"
    yield "  Local address/interface: " + ("none" if not each.local_addresses else "")
    for where in each.local_addresses:
        yield f"   {where}"
    yield "  Identities: " + ("none" if not each.matches else "")
    for match in each.matches:
        yield f"   {_named(match)}"
    yield "  Certificate maps: " + ("none" if not each.certificate_maps else "")
    for name in each.certificate_maps:
        yield f"   {name}"
    said = each.identity
    yield f" Local identity: {_named(said) if said is not None else 'none'}"
    yield " Remote identity: none"
    yield f" Local authentication method: {each.local_method or 'none'}"
    yield f" Remote authentication method(s): {' '.join(each.remote_methods) or 'none'}"
    yield f" EAP options: {'query-identity' if each.query_identity else 'none'}"
    yield f" Keyring: {each.keyring or 'none'}"
    yield " Trustpoint(s): " + ("none" if not each.trustpoints else "")
    for name, use in each.trustpoints:
        yield f"   {name} {use}".rstrip()
    yield f" Lifetime: {each.lifetime} seconds"
    dpd = each.dpd or config.dpd
    yield f" DPD: {f'interval {dpd.interval}, retry-interval {dpd.retry}, {dpd.mode}' if dpd else 'disabled'}"
    yield f" NAT-keepalive: {each.nat_keepalive or config.nat_keepalive or 'disabled'}"
    yield f" Ivrf: {each.ivrf or 'none'}"
    template = f"{each.virtual_template}{' mode auto' if each.virtual_template_auto else ''}"
    yield f" Virtual-template: {template if each.virtual_template is not None else 'none'}"
    yield f" AAA EAP authentication mlist: {each.eap_list or 'none'}"
    yield " AAA Accounting: none"
    yield " AAA group authorization: " + ("none" if not each.authorizations else "")
    for kind, wanted in sorted(each.authorizations.items()):
        named = wanted.words if wanted.mangled else f"name {wanted.name}"
        yield f"   {kind} list {wanted.methods} {named}"
    yield " AAA user authorization: none"


# Counters.


def show_stats(context: Context) -> Iterator[str]:
    """`show crypto ikev2 stats`."""
    router = context.device
    ikev2 = router.service(CryptoEngine).ikev2
    counters, sas, limits = ikev2.engine.counters, ikev2.engine.sas, ikev2.configuration.limits()
    incoming, outgoing = counters.incoming, counters.outgoing
    yield RULE
    yield "                          Crypto IKEv2 SA Statistics"
    yield RULE
    yield f"System Resource Limit:   {0:<8} Max IKEv2 SAs: {limits.sas:<8} Max in nego: {limits.negotiating:<8}"
    yield (
        f"Total IKEv2 SA Count:    {len(sas):<8} active:        {sas.established:<8} "
        f"negotiating: {sas.negotiating:<6}"
    )
    for name, each in (("Incoming", incoming), ("Outgoing", outgoing)):
        yield (
            f"{name} IKEv2 Requests: {each.asked:<8} accepted:      {each.accepted:<8} "
            f"rejected:    {each.rejected:<8}"
        )
    rejected = incoming.rejected + outgoing.rejected
    yield (
        f"Rejected IKEv2 Requests: {rejected:<8} rsrc low:      {0:<8} SA limit:    {counters.limit_rejected:<8}"
    )
    yield f"IKEv2 packets dropped at dispatch: {counters.dropped:<8}"
    yield f"Incoming IKEV2 Cookie Challenged Requests: {counters.challenged:<8}"
    yield (
        f"    accepted: {counters.challenge_accepted:<8} rejected: {counters.challenge_rejected:<8} "
        f"rejected no cookie: {counters.challenge_missing:<8}"
    )


EXCHANGES = ("IKE_SA_INIT", "IKE_AUTH", "CREATE_CHILD_SA", "INFORMATIONAL")


def show_exchanges(context: Context, detailed: bool = False) -> Iterator[str]:
    """`show crypto ikev2 stats exchange [detailed]`: messages by exchange, in detail by notification, too."""
    counters = context.device.service(CryptoEngine).ikev2.engine.counters
    yield f"{'EXCHANGE/NOTIFY':<30}{'TX(REQ)':>11}{'TX(RES)':>11}{'RX(REQ)':>11}{'RX(RES)':>11}"
    yield ""
    yield "EXCHANGES"
    yield ""
    for name in EXCHANGES:
        row = counters.exchanges.get(name)
        if row is not None:
            yield _counted(
                name, row.sent_requests, row.sent_responses, row.received_requests, row.received_responses
            )
    if not detailed:
        return
    for heading, errors in (("ERROR NOTIFY", True), ("OTHER NOTIFY", False)):
        chosen = sorted(kind for kind in counters.notifications if (kind < 16384) is errors)
        if not chosen:
            continue
        yield ""
        yield heading
        yield ""
        for kind in chosen:
            row = counters.notifications[kind]
            sent = (row.sent_requests, row.sent_responses)
            yield _counted(notify_name(kind), *sent, row.received_requests, row.received_responses)
    yield ""
    yield f"{'CONFIG PAYLOAD TYPE':<30}{'TX':>11}{'RX':>11}"
    yield ""
    for kind, (sent_count, received) in sorted(counters.configuration.items()):
        label = "CFG_" + (ConfigType(kind).name if kind in ConfigType.__members__.values() else str(kind))
        yield f"{label:<30}{sent_count:>11}{received:>11}"
    yield ""
    yield "OTHER COUNTERS"
    yield ""
    found = (
        ("NO_NAT", counters.no_nat),
        ("NAT_INSIDE", counters.nat_inside),
        ("NAT_OUTSIDE", counters.nat_outside),
    )
    for name, count in found:
        if count:
            yield f"{name:<30}{count:>11}"


def _counted(name: str, *values: int) -> str:
    return f"{name:<30}" + "".join(f"{value:>11}" for value in values)


MOST_DIAGNOSED = 50
"""Errors that are kept unless another number is configured."""


def show_diagnosed(context: Context, count: bool = False) -> Iterator[str]:
    """`show crypto ikev2 diagnose error [count]`: why IKEv2 gave up; the count alone, or the errors, too."""
    room = context.device.config.of(Ikev2Config).diagnosed
    exits = context.device.service(CryptoEngine).ikev2.exits
    status = "enable" if room else "disable"
    yield (
        f"Exit Path Table - status: {status}, current entry {len(exits.entries)}, "
        f"deleted {exits.deleted}, max allow {room or MOST_DIAGNOSED}"
    )
    for text, hits in () if count else exits.entries.items():
        yield ""
        yield f"Error({hits}): {text}"


def clear_diagnosed(context: Context) -> None:
    """`clear crypto ikev2 diagnose error`."""
    context.device.service(CryptoEngine).ikev2.exits.clear()


def clear_stats(context: Context) -> None:
    """`clear crypto ikev2 stats`: all counters begin anew."""
    context.device.service(CryptoEngine).ikev2.engine.counters.clear()


def clear_sa(
    context: Context,
    remote: bool = False,
    address: IPv4Address | None = None,
    local: bool = False,
    own: IPv4Address | None = None,
    tunnel: int | None = None,
) -> None:
    """`clear crypto ikev2 sa [TUNNEL | local A | remote A]`: IKE SAs with their child SAs."""
    context.device.service(CryptoEngine).clear_ikev2(address, own, tunnel)
