"""`show crypto session` and `clear crypto session`: peers seen from above."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from iosemu.box.clock_text import hms, span
from iosemu.box.device import Device
from iosemu.box.interface_types import short_name
from iosemu.handling.context import Context
from iosemu.ike.types import Endpoint, Identity
from iosemu.ikev2.sa import IkeSa
from iosemu.ipsec.selectors import Selector
from iosemu.subjects.crypto.commands.isakmp import capabilities
from iosemu.subjects.crypto.config.ipsec import transform_names
from iosemu.subjects.crypto.config.isakmp import IsakmpStyle
from iosemu.subjects.crypto.service.engine import CryptoEngine
from iosemu.subjects.crypto.service.flow import CryptoFlow
from iosemu.subjects.crypto.show.ipsec_sa import by_peer, flows, inside_of, suite_of

CODES = (
    "Code: C - IKE Configuration mode, D - Dead Peer Detection     ",
    "K - Keepalives, N - NAT-traversal, T - cTCP encapsulation     ",
    "X - IKE Extended Authentication, F - IKE Fragmentation",
)

FIRST_SESSION, SESSION_SIZE = 0x69A3B018, 0xF8
"""Where sessions lie in a router's memory, as far as shows say it."""

Sessions = dict[tuple[str, IPv4Address], list[CryptoFlow]]


@dataclass(frozen=True, slots=True)
class KeySa:
    """An SA of either version of IKE, as sessions show it."""

    label: str
    session: int
    local: Endpoint
    peer: Endpoint
    up: bool
    ended: bool
    lifetime: str
    established: float | None
    profile: str | None
    identity: Identity | None
    capabilities: str
    conn_id: int
    user: str = ""


def key_sas(router: Device, peer: IPv4Address) -> list[KeySa]:
    """The SAs with a peer, those of IKEv1 first."""
    crypto = router.service(CryptoEngine)
    now, label = router.now, router.image.style(IsakmpStyle).session_ike_label
    found = [
        KeySa(
            label,
            0,
            sa.local,
            sa.peer,
            sa.up,
            sa.deleted,
            hms(sa.remaining(now)) if sa.expires is not None else "0",
            sa.established,
            sa.profile,
            sa.peer_identity,
            capabilities(router, sa) + ("F" if sa.fragments else ""),
            sa.conn_id,
            sa.user,
        )
        for sa in crypto.ike.sas
        if sa.peer.address == peer
    ]
    for each in crypto.ikev2.with_peer(peer):
        lifetime = hms(each.remaining(now)) if each.expires is not None else "0"
        ended = not each.up and not each.negotiating
        found.append(
            KeySa(
                "IKEv2 SA",
                each.session,
                each.local,
                each.peer,
                each.up,
                ended,
                lifetime,
                each.established,
                each.profile,
                each.peer_identity,
                _capabilities(each, crypto),
                each.number,
            )
        )
    return found


def _capabilities(sa: IkeSa, crypto: CryptoEngine) -> str:
    dpd = sa.profile is not None and crypto.ikev2.configuration.liveness(sa.profile) is not None
    return f"{'D' if dpd else ''}{'N' if sa.nat.found else ''}{'F' if sa.fragments else ''}"


def _sessions(router: Device) -> Sessions:
    """Flows by interface and peer."""
    found: Sessions = {}
    for interface, crypto_map in router.service(CryptoEngine).policy.applied():
        for entry, flow in flows(router, interface, crypto_map):
            for peer, view in by_peer(router, entry, flow):
                if peer is not None:
                    found.setdefault((interface, peer), []).append(view)
    return found


def _status(router: Device, sas: list[KeySa], listed: list[CryptoFlow]) -> str:
    ike = any(sa.up for sa in sas)
    if any(flow.current(router.now) is not None for flow in listed):
        return "UP-ACTIVE" if ike else "UP-NO-IKE"
    if ike:
        return "UP-IDLE"
    return "DOWN-NEGOTIATING" if any(not sa.ended for sa in sas) else "DOWN"


def show_session(
    context: Context,
    detail: bool = False,
    brief: bool = False,
    local: bool = False,
    own: IPv4Address | None = None,
    remote: bool = False,
    address: IPv4Address | None = None,
    active: bool = False,
    port: str | None = None,
    front: str | None = None,
    inside: str | None = None,
    user: str | None = None,
) -> Iterable[str]:
    """`show crypto session [active | interface X | local A | remote A | fvrf V | ivrf V | username U] […]`."""
    router = context.device
    sessions = {
        (name, peer): listed
        for (name, peer), listed in _chosen(router, own, address, port, front, inside, user).items()
        if not active or _status(router, key_sas(router, peer), listed).startswith("UP")
    }
    return _brief(router, sessions) if brief else _full(router, sessions, detail=detail)


def _chosen(
    router: Device,
    own: IPv4Address | None,
    address: IPv4Address | None,
    port: str | None = None,
    front: str | None = None,
    inside: str | None = None,
    user: str | None = None,
) -> Sessions:
    """The sessions of an own address, a peer, an interface, a VRF outside or inside, a user; None: any."""
    crypto = router.service(CryptoEngine)
    return {
        (name, peer): listed
        for (name, peer), listed in _sessions(router).items()
        if address in (None, peer)
        and port in (None, name)
        and own in (None, crypto.addresses.local_of(listed[0].interface))
        and front in (None, _front(router, listed[0]))
        and inside in (None, inside_of(router, listed[0]))
        and (user is None or any(sa.user == user for sa in key_sas(router, peer)))
    }


def _full(router: Device, sessions: Sessions, *, detail: bool) -> Iterator[str]:
    style = router.image.style(IsakmpStyle)
    yield "Crypto session current status"
    yield ""
    if detail:
        yield from CODES
        yield ""
    for (interface, peer), listed in list(sessions.items()):
        sas = key_sas(router, peer)
        status = _status(router, sas, listed)
        port = next((sa.peer.port for sa in sas if sa.up), 500)
        yield f"Interface: {interface}"
        user = next((sa.user for sa in sas if sa.user), "")
        if user:
            yield f"Username: {user}"
        profile = next((sa.profile for sa in sas if sa.profile is not None), None)
        if profile is not None:
            yield f"Profile: {profile}"
        client = router.service(CryptoEngine).clients.session_of(peer)
        if client is not None:
            yield f"Group: {client.group}"
            if client.address is not None:
                yield f"Assigned address: {client.address}"
        if detail and status.startswith("UP"):
            yield f"Uptime: {_uptime(router, sas, listed)}"
        yield f"Session status: {status:<14}"
        yield f"Peer: {peer} port {port} {_instances(router, listed[0]) if detail else ''}"
        if detail:
            identity = next((str(sa.identity) for sa in sas if sa.identity is not None), None)
            described = [f"      Phase1_id: {identity or '(none)'}", "      Desc: (none)"]
            yield from described if identity is not None else reversed(described)
        for sa in sas:
            yield from _ike(style, sa, detail=detail)
        for flow in listed:
            yield from _flow(router, flow, detail=detail)
        yield ""


def tunnel_sessions(router: Device, interface: str, peers: Container[IPv4Address | None]) -> Iterator[str]:
    """The sessions of a tunnel with some peers, as `show dmvpn detail` has them."""
    style = router.image.style(IsakmpStyle)
    for number, ((name, peer), listed) in enumerate(_sessions(router).items()):
        if name != interface or peer not in peers:
            continue
        sas = key_sas(router, peer)
        identity = next((str(sa.identity) for sa in sas if sa.identity is not None), "")
        yield f"Interface: {interface}"
        yield f"Session: [0x{FIRST_SESSION + number * SESSION_SIZE:08X}]"
        for sa in sas:
            yield from _ike(style, sa, detail=True)
        yield f"  Crypto Session Status: {_status(router, sas, listed):<14}"
        yield f"  fvrf: {_front(router, listed[0])}, Phase1_id: {identity}"
        for flow in listed:
            yield from _flow(router, flow, detail=True)
            pair = flow.current(router.now)
            spi = f"0x{pair.outbound[0].spi:8X}" if pair is not None else "0x       0"
            names = [
                n for sa in (pair.outbound if pair is not None else ()) for n in transform_names(suite_of(sa))
            ]
            yield f"   Outbound SPI : {spi}, transform : {' '.join(names)} "
        opened = any(flow.current(router.now) is not None for flow in listed)
        yield f"    Socket State: {'Open' if opened else 'Closed'}"
        yield ""


def _front(router: Device, flow: CryptoFlow) -> str:
    """The routing instance in which the peer of a flow is."""
    front = router.service(CryptoEngine).front_of(flow.interface)
    return (front.name if front is not None else "") or "(none)"


def _instances(router: Device, flow: CryptoFlow) -> str:
    """`fvrf: F ivrf: I`."""
    return f"fvrf: {_front(router, flow)} ivrf: {inside_of(router, flow) or '(none)'}"


def _ike(style: IsakmpStyle, sa: KeySa, *, detail: bool) -> Iterator[str]:
    if style.session_id:
        yield f"  Session ID: {sa.session}  "
    local, peer = f"{sa.local.address}/{sa.local.port}", f"{sa.peer.address}/{sa.peer.port}"
    state = "Active" if sa.up else "Inactive"
    yield f"  {sa.label}: local {local} remote {peer} {state} "
    if detail:
        able = sa.capabilities or "(none)"
        yield f"          Capabilities:{able} connid:{sa.conn_id} lifetime:{sa.lifetime}"


def _flow(router: Device, flow: CryptoFlow, *, detail: bool) -> Iterator[str]:
    pairs = [pair for pair in flow.pairs if not pair.expired(router.now)]
    count = sum(len(pair.inbound) + len(pair.outbound) for pair in pairs)
    entry = router.service(CryptoEngine).entry_of(flow)
    origin = "dynamic crypto map" if entry is not None and entry.dynamic is not None else "crypto map"
    yield f"  IPSEC FLOW: permit {_selector(flow.selector)} "
    yield f"        Active SAs: {count}, origin: {origin}"
    if detail:
        pair = flow.current(router.now)
        inbound = outbound = "0/0"
        if pair is not None:
            seconds = pair.remaining_seconds(router.now)
            inbound = f"{pair.remaining_kilobytes(pair.inbound[0])}/{seconds}"
            outbound = f"{pair.remaining_kilobytes(pair.outbound[0])}/{seconds}"
        counters = flow.counters
        yield (
            f"        Inbound:  #pkts dec'ed {counters.decaps} drop {counters.receive_errors} "
            f"life (KB/Sec) {inbound}"
        )
        yield (
            f"        Outbound: #pkts enc'ed {counters.encaps} drop {counters.send_errors} "
            f"life (KB/Sec) {outbound}"
        )


def _selector(selector: Selector) -> str:
    protocol = {0: "ip", 1: "icmp", 6: "tcp", 17: "udp"}.get(selector.protocol, str(selector.protocol))
    local, remote = _side(selector.local, selector.local_port), _side(selector.remote, selector.remote_port)
    return f"{protocol} {local} {remote}"


def _side(network: IPv4Network, port: int) -> str:
    if network.prefixlen == 32:
        text = f"host {network.network_address}"
    else:
        text = f"{network.network_address}/{network.netmask}"
    return f"{text} port {port}" if port else text


def _uptime(router: Device, sas: list[KeySa], listed: list[CryptoFlow]) -> str:
    starts = [sa.established for sa in sas if sa.up and sa.established is not None]
    starts += [pair.created for flow in listed for pair in flow.pairs]
    return span(router.now - min(starts)) if starts else "00:00:00"


def _brief(router: Device, sessions: Sessions) -> Iterator[str]:
    yield "Status: A- Active, U - Up, D - Down, I - Idle, S - Standby, N - Negotiating"
    yield "        K - No IKE"
    yield "ivrf = (none)"
    yield "          Peer      I/F          Username                Group/Phase1_id  Uptime   Status"
    letters = {"UP-ACTIVE": "UA", "UP-IDLE": "UI", "UP-NO-IKE": "UK", "DOWN-NEGOTIATING": "DN", "DOWN": "D"}
    for (interface, peer), listed in list(sessions.items()):
        sas = key_sas(router, peer)
        status = _status(router, sas, listed)
        identity = next((str(sa.identity) for sa in sas if sa.identity is not None), "")
        uptime = _uptime(router, sas, listed) if status.startswith("UP") else ""
        user = next((sa.user for sa in sas if sa.user), "")
        yield (
            f"{peer!s:>15} {short_name(interface):<12} {user:<16} {identity:>22} {uptime:>9} {letters[status]:>7}"
        ).rstrip()


def clear_session(
    context: Context,
    local: bool = False,
    own: IPv4Address | None = None,
    remote: bool = False,
    address: IPv4Address | None = None,
    front: str | None = None,
    inside: str | None = None,
    user: str | None = None,
) -> None:
    """`clear crypto session …`: IPsec SAs, then the ISAKMP SAs over which their end was told."""
    crypto = context.device.service(CryptoEngine)
    if (front, inside, user) != (None, None, None):
        for _interface, peer in list(_chosen(context.device, own, address, None, front, inside, user)):
            clear_session(context, own=own, address=peer)
        return
    crypto.clear(peer=address, local=own)
    crypto.clear_isakmp(peer=address, local=own)
    crypto.clear_ikev2(peer=address, local=own)
