"""What a device's crypto maps, as configured now, say to the offer of quick mode's first message."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, IPv4Network

from iosemu.box.device import Device
from iosemu.ike import proposals
from iosemu.ike.child import read_selector
from iosemu.ike.header import MalformedMessage
from iosemu.ike.payloads import Identification
from iosemu.ike.sa_payload import SecurityAssociation
from iosemu.ike.types import ChildOffer, Phase2Proposal, Refusal, TrafficSelector
from iosemu.subjects.crypto.config.maps import CryptoMapEntry
from iosemu.subjects.crypto.service.engine import CryptoEngine


def judged_by(
    payloads: Sequence[tuple[int, bytes]],
    cookie: bytes,
    device: Device,
    local: IPv4Address,
    peer: IPv4Address,
) -> Iterator[str]:
    """A sentence for each entry that was asked, with the lines that decided it."""
    crypto = device.find(CryptoEngine)
    if crypto is None:
        return
    try:
        offer = _offer(payloads, cookie, crypto, local, peer)
    except MalformedMessage:
        return
    if offer is None:
        return
    asked = False
    for entry, refusal in crypto.policy.verdicts(offer):
        asked = True
        yield f"{device.name} {_line(entry)}: {_why(entry, refusal, offer)}"
    if not asked:
        yield f"{device.name} has no crypto map with a complete entry at {local}"


def _offer(
    payloads: Sequence[tuple[int, bytes]],
    cookie: bytes,
    crypto: CryptoEngine,
    local: IPv4Address,
    peer: IPv4Address,
) -> ChildOffer | None:
    body = next((body for kind, body in payloads if kind == SecurityAssociation.TYPE), None)
    if body is None:
        return None
    found = list(proposals.alternatives(SecurityAssociation.parse(body)))
    identities = [Identification.parse(body) for kind, body in payloads if kind == Identification.TYPE]
    if len(identities) >= 2:
        theirs, ours = (read_selector(each) for each in identities[:2])
    else:
        theirs, ours = (TrafficSelector(IPv4Network(each)) for each in (peer, local))
    sa = next((each for each in crypto.ike.sas if each.cookie_i == cookie), None)
    return ChildOffer(
        local, peer, ours, theirs, tuple(_plain(each.proposal) for each in found),
        found[0].seconds if found else 0, found[0].kilobytes if found else 0, found[0].group if found else None,
        sa.profile if sa is not None else None, sa.peer_identity if sa is not None else None,
    )  # fmt: skip


def _plain(proposal: Phase2Proposal) -> Phase2Proposal:
    """As it would be without UDP around it."""
    mode = proposals.encapsulate(proposal.encapsulation, udp=False)
    return Phase2Proposal(proposal.esp, proposal.ah, mode)


def _line(entry: CryptoMapEntry) -> str:
    if entry.profile is not None:
        return f"`crypto ipsec profile {entry.profile}`"
    return f"`crypto map {entry.name} {entry.sequence} ipsec-isakmp`"


def _why(entry: CryptoMapEntry, refusal: Refusal | None, offer: ChildOffer) -> str:
    sets = f"`set transform-set {' '.join(entry.transform_sets)}`"
    if refusal is Refusal.PROXY_MISMATCH:
        if entry.ikev2_profile is not None:
            return f"for IKEv2 only (`set ikev2-profile {entry.ikev2_profile}`)"
        if entry.peers and offer.peer not in entry.peers:
            return f"{refusal.value}: `set peer {' '.join(str(each) for each in entry.peers)}` is another one"
        if entry.isakmp_profile is not None and entry.isakmp_profile != offer.profile:
            return f"{refusal.value}: `set isakmp-profile {entry.isakmp_profile}`"
        pair = f"{offer.local_selector.network} to {offer.remote_selector.network}"
        return f"{refusal.value}: `match address {entry.access_list}` does not permit {pair}"
    if refusal is Refusal.TRANSFORM_MISMATCH:
        return f"{refusal.value}: {sets}"
    if refusal is Refusal.PFS_MISMATCH:
        return (
            f"{refusal.value}: `set pfs group{entry.pfs_group}`, group {offer.pfs_group or 'none'} is offered"
        )
    return f"fits, by {sets}" + (f" and `match address {entry.access_list}`" if entry.access_list else "")
