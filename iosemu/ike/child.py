"""What quick mode agrees on: proxy identities, lifetimes, and the SAs with their keys (RFC 2409, 5.5)."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, summarize_address_range

from iosemu.ike.exchange import QuickMode
from iosemu.ike.header import MalformedMessage, NotifyType
from iosemu.ike.keys import AH_KEY_LENGTHS, esp_key_lengths
from iosemu.ike.payloads import Identification, Notification
from iosemu.ike.proposals import KILOBYTES, SA_LIFE_DURATION, SA_LIFE_TYPE, SECONDS
from iosemu.ike.sa import IsakmpSa
from iosemu.ike.sa_payload import Attribute
from iosemu.ike.types import (
    ChildKeys,
    ChildSa,
    IdType,
    Phase2Proposal,
    ProtocolId,
    TrafficSelector,
)


def selector_payload(selector: TrafficSelector) -> Identification:
    """A proxy identity: an address for a host, else a subnet."""
    network = selector.network
    if network.prefixlen == 32:
        return Identification(
            IdType.IPV4_ADDR, selector.protocol, selector.port, network.network_address.packed
        )
    data = network.network_address.packed + network.netmask.packed
    return Identification(IdType.IPV4_ADDR_SUBNET, selector.protocol, selector.port, data)


def read_selector(payload: Identification) -> TrafficSelector:
    """A proxy identity; `MalformedMessage` (INVALID-ID-INFORMATION) for what is no single network."""
    try:
        if payload.type == IdType.IPV4_ADDR:
            network = IPv4Network(payload.data)
        elif payload.type == IdType.IPV4_ADDR_SUBNET:
            network = IPv4Network((payload.data[:4], str(IPv4Address(payload.data[4:]))))
        elif payload.type == IdType.IPV4_ADDR_RANGE:
            first, last = IPv4Address(payload.data[:4]), IPv4Address(payload.data[4:])
            (network,) = summarize_address_range(first, last)
        else:
            raise ValueError("type")
    except ValueError:
        raise MalformedMessage(NotifyType.INVALID_ID_INFORMATION, "proxy identity") from None
    return TrafficSelector(network, payload.protocol, payload.port)


def smaller(offered: int, own: int) -> int:
    """The smaller of two volume lifetimes in kilobytes, of which 0 is none."""
    return min(offered, own) if offered and own else offered or own


def responder_lifetime(protocol: int, spi: bytes, seconds: int, kilobytes: int) -> Notification:
    """RESPONDER-LIFETIME of phase 2 (RFC 2407, 4.6.3.1)."""
    attributes = [Attribute.number(SA_LIFE_TYPE, SECONDS), Attribute.number(SA_LIFE_DURATION, seconds)]
    if kilobytes:
        attributes.append(Attribute.number(SA_LIFE_TYPE, KILOBYTES))
        attributes.append(Attribute(SA_LIFE_DURATION, kilobytes.to_bytes(4, "big"), basic=False))
    data = b"".join(attribute.to_bytes() for attribute in attributes)
    return Notification(protocol, NotifyType.RESPONDER_LIFETIME, spi, data)


def read_lifetime(notification: Notification, seconds: int, kilobytes: int) -> tuple[int, int]:
    """Seconds and kilobytes after a RESPONDER-LIFETIME: the smaller counts."""
    unit = 0
    for attribute in Attribute.parse_all(notification.data):
        if attribute.type == SA_LIFE_TYPE:
            unit = attribute.value
        elif attribute.type == SA_LIFE_DURATION and attribute.value:
            if unit == SECONDS:
                seconds = min(seconds, attribute.value)
            elif unit == KILOBYTES:
                kilobytes = smaller(attribute.value, kilobytes)
    return seconds, kilobytes


def child_of(
    sa: IsakmpSa,
    node: QuickMode,
    selectors: tuple[TrafficSelector, TrafficSelector],
    proposal: Phase2Proposal,
    shared: bytes,
    lives: tuple[int, int],
    group: int | None,
    tag: object,
) -> ChildSa:
    """The pair of SAs that a quick mode has made; `selectors` and SPIs as this side sees them."""
    assert sa.keys is not None
    nonces = node.nonce_i + node.nonce_r
    local, peer = sa.local.address, sa.peer.address

    def keys(spis: dict[int, bytes], source: IPv4Address, destination: IPv4Address) -> tuple[ChildKeys, ...]:
        assert sa.keys is not None
        made = []
        for protocol, spi in sorted(spis.items()):
            if protocol == ProtocolId.AH:
                assert proposal.ah is not None
                cipher, auth = 0, AH_KEY_LENGTHS[proposal.ah.transform]
            else:
                assert proposal.esp is not None
                cipher, auth = esp_key_lengths(proposal.esp)
            material = sa.keys.keymat(shared, protocol, spi, nonces, cipher + auth)
            number = int.from_bytes(spi, "big")
            kind = ProtocolId(protocol)
            made.append(ChildKeys(kind, number, source, destination, material[:cipher], material[cipher:]))
        return tuple(made)

    return ChildSa(
        sa.local,
        sa.peer,
        selectors[0],
        selectors[1],
        proposal,
        keys(node.spis, peer, local),
        keys(node.peer_spis, local, peer),
        lives[0],
        lives[1],
        group,
        node.initiator,
        sa.conn_id,
        tag,
    )
