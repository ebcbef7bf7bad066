"""`show crypto ipsec sa`: one block per protected flow, read from the SADB."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.ike.sa import GDOI_PORT
from iosemu.ike.types import AhSuite, AuthAlgorithm, EspSuite, Phase2Proposal
from iosemu.ip.config import ip_mtu
from iosemu.ip.stack import IpStack
from iosemu.ipsec.replay import DEFAULT_WINDOW
from iosemu.ipsec.sadb import AH, ESP, SadbPair, SecurityAssociation
from iosemu.ipsec.selectors import Selector
from iosemu.ipsec.transforms import AhProtection, Protection
from iosemu.subjects.crypto.config.ipsec import IpsecStyle, transform_names
from iosemu.subjects.crypto.config.maps import CryptoMap, CryptoMapEntry
from iosemu.subjects.crypto.config.session_keys import AH_AUTHENTICATORS, AUTHENTICATORS, CIPHERS
from iosemu.subjects.crypto.service.datapath import plaintext_mtu
from iosemu.subjects.crypto.service.engine import CryptoEngine
from iosemu.subjects.crypto.service.flow import CryptoFlow, FlowCounters

ESP_TRANSFORMS = {cipher: transform for transform, cipher in CIPHERS.items()}
ESP_AUTHENTICATORS = {auth: algorithm for algorithm, auth in AUTHENTICATORS.items()}
SIBLING_VALID, SIBLING_TUNNEL = 0x8000_0000, 0x40
"""What `sibling_flags` is made of, as far as outputs tell: always set, and set with SAs of tunnel mode."""
AH_TRANSFORMS = {auth: transform for transform, auth in AH_AUTHENTICATORS.items()}


def flow_blocks(
    router: Device,
    *,
    active: bool = False,
    detail: bool = False,
    identity: bool = False,
    peer: IPv4Address | None = None,
    interface: str | None = None,
    map_name: str | None = None,
) -> Iterator[str]:
    """The blocks of all flows that fit, interface by interface; the first packet is not needed for a block.

    With `active` only those whose SAs are up.
    """
    for name, crypto_map in list(router.service(CryptoEngine).policy.applied()):
        if interface not in (None, name) or map_name not in (None, crypto_map.name):
            continue
        local = router.service(CryptoEngine).policy.local_address(name, crypto_map)
        blocks = [
            (entry, each, view)
            for entry, flow in flows(router, name, crypto_map)
            for each, view in by_peer(router, entry, flow)
            if peer in (None, each) and (not active or view.current(router.now) is not None)
        ]
        if not blocks:
            continue
        yield ""
        yield f"interface: {name}"
        yield f"    Crypto map tag: {crypto_map.name}, local addr {local or '0.0.0.0'}"  # noqa: S104
        for entry, each, view in blocks:
            yield ""
            yield from _block(router, name, entry, view, (local, each), detail=detail, identity=identity)


def flows(
    router: Device, interface: str, crypto_map: CryptoMap
) -> Iterator[tuple[CryptoMapEntry, CryptoFlow]]:
    """The flows of a map on an interface: one per permit line, and those a peer made narrower."""
    crypto = router.service(CryptoEngine)
    interface = crypto.policy.home(interface, crypto_map)
    for entry, _selector in crypto.temporary.of(crypto_map.name):
        for flow in list(crypto.flows_of(interface, entry)):
            yield entry, flow
    for entry in list(crypto_map.entries.values()):
        if entry.gdoi:
            yield from ((entry, flow) for flow in crypto.groups.flows(interface, entry))
        if not entry.complete:
            continue
        listed = []
        if not entry.per_host:
            for _line, selector in list(crypto.policy.permits(entry)):
                flow = crypto.flow(interface, entry, selector)
                listed.append(flow)
                yield entry, flow
        for flow in list(crypto.flows.values()):
            mine = (flow.interface, flow.map_name, flow.sequence) == (
                interface,
                crypto_map.name,
                entry.sequence,
            )
            if mine and flow not in listed and flow.pairs:
                yield entry, flow


def remote_endpoint(router: Device, entry: CryptoMapEntry, flow: CryptoFlow) -> IPv4Address | None:
    """The peer of the SAs in use, or the one to be tried."""
    pair = flow.current(router.now)
    if entry.gdoi:
        return IPv4Address(0)
    return pair.peer if pair is not None else router.service(CryptoEngine).peer_of(flow)


def by_peer(
    router: Device, entry: CryptoMapEntry, flow: CryptoFlow
) -> Iterator[tuple[IPv4Address | None, CryptoFlow]]:
    """A flow as it is seen with each peer of its entry: the one in use has the counters, each has its SAs."""
    current = remote_endpoint(router, entry, flow)
    peers = router.service(CryptoEngine).policy.peers(entry)
    if len(peers) < 2:
        yield current, flow
        return
    for peer in dict.fromkeys((*peers, *([current] if current is not None else []))):
        counters = flow.counters if peer == current else FlowCounters()
        yield peer, replace(flow, counters=counters, pairs=[pair for pair in flow.pairs if pair.peer == peer])


def inside_of(router: Device, flow: CryptoFlow) -> str:
    """The routing instance of what a flow protects; empty: the default one."""
    engine = router.service(CryptoEngine)
    entry = engine.entry_of(flow)
    if entry is None:
        return router.service(IpStack).vrf_of(flow.interface).name
    return engine.policy.inside_of(entry, flow.interface)


def _block(
    router: Device,
    interface: str,
    entry: CryptoMapEntry,
    flow: CryptoFlow,
    ends: tuple[IPv4Address | None, IPv4Address | None],
    *,
    detail: bool,
    identity: bool,
) -> Iterator[str]:
    style = router.image.style(IpsecStyle)
    now = router.now
    pair = flow.current(now)
    local, peer = ends
    selector = flow.selector
    flags = "origin_is_acl," if entry.dynamic is None else ""
    counters, indent = flow.counters, " " * style.counter_indent
    remote_text = f"{style.remote_ident} (addr/mask/prot/port): {_ident(selector, remote=True)}"
    yield f"   protected vrf: {inside_of(router, flow) or '(none)'}"
    yield f"   local  ident (addr/mask/prot/port): {_ident(selector, remote=False)}"
    yield f"   {remote_text}"
    yield f"   current_peer {peer} port {_port(entry, pair)}"
    yield f"{' ' * style.permit_indent}PERMIT, flags={{{flags}}}"
    digests = counters.encaps if style.digest_counted else 0
    verified = counters.decaps if style.digest_counted else 0
    yield (
        f"{indent}#pkts encaps: {counters.encaps}, #pkts encrypt: {counters.encaps}, #pkts digest: {digests}"
    )
    yield (
        f"{indent}#pkts decaps: {counters.decaps}, #pkts decrypt: {counters.decaps}, #pkts verify: {verified}"
    )
    yield f"{indent}#pkts compressed: 0, #pkts decompressed: 0"
    yield f"{indent}#pkts not compressed: 0, #pkts compr. failed: 0"
    yield f"{indent}#pkts not decompressed: 0, #pkts decompress failed: 0"
    if detail:
        yield f"{indent}#pkts no sa (send) {counters.no_sa}, #pkts invalid sa (rcv) {counters.invalid_sa}"
        yield (
            f"{indent}#pkts encaps failed (send) {counters.encaps_failed}, "
            f"#pkts decaps failed (rcv) {counters.decaps_failed}"
        )
        yield (
            f"{indent}#pkts invalid prot (recv) {counters.invalid_protocol}, "
            f"#pkts verify failed: {counters.verify_failed}"
        )
        yield (
            f"{indent}#pkts invalid identity (recv) {counters.invalid_identity}, "
            f"#pkts invalid len (rcv) {counters.invalid_length}"
        )
        yield f"{indent}#pkts replay rollover (send): 0, #pkts replay rollover (rcv) 0"
        yield f"{indent}##pkts replay failed (rcv): {counters.replay_failed}"
        yield f"{indent}#pkts internal err (send): 0, #pkts internal err (recv) 0"
    else:
        yield f"{indent}#send errors {counters.send_errors}, #recv errors {counters.receive_errors}"
    yield ""
    endpoints = f"local crypto endpt.: {local}, remote crypto endpt.:{style.endpoint_gap}{peer}"
    yield f"     {endpoints}"
    out = router.service(CryptoEngine).protected.transport_interface(interface) or interface
    mtu = ip_mtu(router.config.interfaces[out])
    plain = plaintext_mtu(pair, mtu) if pair is not None else mtu
    lead = f"plaintext mtu {plain}, " if style.plaintext_mtu else ""
    yield f"     {lead}path mtu {mtu}, ip mtu {mtu}, ip mtu idb {out}"
    yield f"     current outbound spi: {spi_text(_outbound_spi(pair), style)}"
    if style.pfs_line:
        group = pair.pfs_group if pair is not None else None
        yield f"     PFS (Y/N): {'Y' if group else 'N'}, DH group: {f'group{group}' if group else 'none'}"
    yield ""
    if identity:
        return
    for direction in ("inbound", "outbound"):
        for label, protocol in (("esp", ESP), ("ah", AH), ("pcp", 0)):
            yield f"     {direction} {label} sas:"
            for each in flow.pairs:
                if each.expired(now):
                    continue
                for sa in each.inbound if direction == "inbound" else each.outbound:
                    if sa.protocol == protocol:
                        yield from _association(router, style, entry, each, sa)
            yield ""


def _port(entry: CryptoMapEntry, pair: SadbPair | None) -> int:
    if entry.gdoi:
        return GDOI_PORT
    return pair.peer_port if pair is not None else 500


def _outbound_spi(pair: SadbPair | None) -> int:
    return pair.outbound[-1].spi if pair is not None else 0


def spi_text(spi: int, style: IpsecStyle) -> str:
    """`0x99D47D47(2580839751)`."""
    return f"0x{spi:0{style.spi_digits}X}({spi})"


def _ident(selector: Selector, *, remote: bool) -> str:
    network = selector.remote if remote else selector.local
    port = selector.remote_port if remote else selector.local_port
    return f"({network.network_address}/{network.netmask}/{selector.protocol}/{port})"


def _association(
    router: Device, style: IpsecStyle, entry: CryptoMapEntry, pair: SadbPair, sa: SecurityAssociation
) -> Iterator[str]:
    mode = "Tunnel" if sa.tunnel else "Transport"
    yield f"      spi: {spi_text(sa.spi, style)}"
    yield f"        transform: {' '.join(transform_names(suite_of(sa)))} ,"
    yield f"        in use settings ={{{mode}{' UDP-Encaps' if sa.udp_ports else ''}, }}"
    siblings = (
        f" sibling_flags {SIBLING_VALID | (SIBLING_TUNNEL if sa.tunnel else 0):X},"
        if style.sibling_flags
        else ""
    )
    flow_id = f"{flow_label(router)}:{sa.flow_id}"
    yield f"        conn id: {sa.conn_id}, flow_id: {flow_id},{siblings} crypto map: {entry.name}"
    seconds = pair.remaining_seconds(router.now)
    if pair.manual:
        yield "        no sa timing"
    elif pair.preserves:
        yield f"        sa timing: remaining key lifetime (sec): ({seconds})"
    else:
        volume = pair.remaining_kilobytes(sa)
        yield f"        sa timing: remaining key lifetime (k/sec): ({volume}/{seconds})"
    if sa.protocol == ESP:
        yield f"        IV size: {sa.protection.iv_size} bytes"
    window = pair.inbound[0].window.size
    looks = window > 0 or pair.clock is not None
    replay = sa.protection.authenticated and style.replay_shown and looks
    size = f"  replay window size: {window}" if replay and window not in (0, DEFAULT_WINDOW) else ""
    yield f"        replay detection support: {'Y' if replay else 'N'}{size}"
    yield f"        Status: {style.status}"


def flow_label(router: Device) -> str:
    """The crypto engine's name before a flow number: by image, else by model."""
    style = router.image.style(IpsecStyle)
    return style.flow_label or str(router.model.facts.get("crypto_engine", "SW"))


def suite_of(sa: SecurityAssociation) -> Phase2Proposal:
    """The transforms of one SA."""
    protection = sa.protection
    if isinstance(protection, AhProtection):
        return Phase2Proposal(None, AhSuite(AH_TRANSFORMS[protection.authenticator]))
    return Phase2Proposal(_esp_suite(protection))


def _esp_suite(protection: Protection) -> EspSuite:
    cipher = ESP_TRANSFORMS[protection.cipher]
    salt = 4 if protection.cipher.value.icv else 0
    variable = len(protection.cipher.value.keys) > 1
    auth = AuthAlgorithm.NONE
    if protection.authenticator is not None:
        auth = ESP_AUTHENTICATORS[protection.authenticator]
    return EspSuite(cipher, 8 * (len(protection.encryption_key) - salt) if variable else 0, auth)
