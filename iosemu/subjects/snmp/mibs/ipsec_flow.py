"""CISCO-IPSEC-FLOW-MONITOR-MIB: how many tunnels of IKE and IPsec there are, each of them, and what passed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from iosemu.box.device import Device
from iosemu.ike.sa import IsakmpSa
from iosemu.ike.types import Authentication, Encryption, Hash, Phase1Policy
from iosemu.ipsec.sadb import ESP, Sadb, SadbPair, SecurityAssociation
from iosemu.ipsec.transforms import Authenticator, EspCipher, Protection
from iosemu.net.snmp.mib import Node, Scalar, Table
from iosemu.packets.snmp import Oid, Value, counter, counter64, gauge, integer, octets
from iosemu.subjects.crypto.service.engine import CryptoEngine

FLOW_MONITOR = (1, 3, 6, 1, 4, 1, 9, 9, 171, 1)
IKE_GLOBAL, IKE_TUNNEL = (*FLOW_MONITOR, 2, 1), (*FLOW_MONITOR, 2, 3, 1)
IPSEC_GLOBAL, IPSEC_TUNNEL = (*FLOW_MONITOR, 3, 1), (*FLOW_MONITOR, 3, 2, 1)
MAIN, AGGRESSIVE = 1, 2
IP_PEER = 1
ACTIVE = 1
_ENCRYPTION = {Encryption.DES: 2, Encryption.TRIPLE_DES: 3, Encryption.AES: 4}
_HASH = {Hash.MD5: 2, Hash.SHA: 3}
_AUTHENTICATION = {Authentication.PRE_SHARE: 2, Authentication.RSA_SIG: 3, Authentication.RSA_ENCR: 4}
_GROUPS = {1: 2, 2: 3}
_CIPHER = {EspCipher.NULL: 1, EspCipher.DES: 2, EspCipher.TRIPLE_DES: 3, EspCipher.AES_CBC: 4}
_AUTHENTICATOR = {Authenticator.HMAC_MD5_96: 2, Authenticator.HMAC_SHA1_96: 3}
"""What the MIB has numbers for; later algorithms have no such object."""


def ipsec_flow_nodes(device: Device) -> list[Node]:
    """The objects of the MIB; none on a box without IPsec."""
    crypto = device.find(CryptoEngine)
    if crypto is None:
        return []
    return [*_ike_nodes(device, crypto), *_ipsec_nodes(device, crypto.sadb, crypto)]


def _known(value: int | None) -> Value | None:
    return integer(value) if value is not None else None


def _ike_nodes(device: Device, crypto: CryptoEngine) -> list[Node]:
    def up() -> list[IsakmpSa]:
        return [sa for sa in crypto.ike.sas if sa.up]

    def rows() -> Iterator[tuple[Oid, IsakmpSa]]:
        return (((sa.conn_id,), sa) for sa in up())

    def policy(find: Callable[[Phase1Policy], int | None]) -> Callable[[IsakmpSa], Value | None]:
        return lambda sa: _known(find(sa.policy)) if sa.policy is not None else None

    return [
        Scalar((*FLOW_MONITOR, 1, 1), lambda: integer(1)),
        Scalar((*IKE_GLOBAL, 1), lambda: gauge(len(up()))),
        Scalar((*IKE_GLOBAL, 2), lambda: counter(crypto.ike.sas.ended)),
        Table(
            IKE_TUNNEL,
            rows,
            {
                2: lambda _sa: integer(IP_PEER),
                3: lambda sa: octets(str(sa.local.address)),
                4: lambda sa: octets(sa.local.address.packed),
                5: lambda _sa: octets(device.hostname),
                6: lambda _sa: integer(IP_PEER),
                7: lambda sa: octets(str(sa.peer.address)),
                8: lambda sa: octets(sa.peer.address.packed),
                9: lambda sa: octets(str(sa.peer_identity or "")),
                10: lambda sa: integer(AGGRESSIVE if sa.aggressive else MAIN),
                11: policy(lambda policy: _GROUPS.get(policy.group)),
                12: policy(lambda policy: _ENCRYPTION.get(policy.encryption)),
                13: policy(lambda policy: _HASH.get(policy.hash)),
                14: policy(lambda policy: _AUTHENTICATION.get(policy.authentication)),
                15: lambda sa: integer(sa.lifetime),
                16: lambda sa: integer(_hundredths(device.now, sa.established)),
                35: lambda _sa: integer(ACTIVE),
            },
        ),
    ]


def _hundredths(now: float, since: float | None) -> int:
    """How long it is there, in the unit of the MIB."""
    return int((now - since) * 100) if since is not None else 0


def _sum(sas: tuple[SecurityAssociation, ...], what: str) -> int:
    return sum(getattr(sa, what) for sa in sas)


def _esp(sas: tuple[SecurityAssociation, ...]) -> Protection | None:
    for sa in sas:
        if sa.protocol == ESP and isinstance(sa.protection, Protection):
            return sa.protection
    return None


def _ipsec_nodes(device: Device, sadb: Sadb, crypto: CryptoEngine) -> list[Node]:
    def active() -> list[SadbPair]:
        return [pair for pair in sadb if not pair.superseded]

    def rows() -> Iterator[tuple[Oid, SadbPair]]:
        return (((pair.inbound[0].conn_id,), pair) for pair in sadb if pair.inbound)

    def ike_of(pair: SadbPair) -> int:
        return next((sa.conn_id for sa in crypto.ike.sas if sa.up and sa.peer.address == pair.peer), 0)

    def total(side: str, what: str) -> int:
        return int(getattr(sadb.past, f"{side}_{what}")) + sum(
            _sum(getattr(pair, side), what) for pair in sadb
        )

    def cipher(side: str) -> Callable[[SadbPair], Value | None]:
        def read(pair: SadbPair) -> Value | None:
            esp = _esp(getattr(pair, side))
            return _known(_CIPHER.get(esp.cipher)) if esp is not None else integer(1)

        return read

    def authenticator(side: str) -> Callable[[SadbPair], Value | None]:
        def read(pair: SadbPair) -> Value | None:
            esp = _esp(getattr(pair, side))
            if esp is None or esp.authenticator is None:
                return integer(1)
            return _known(_AUTHENTICATOR.get(esp.authenticator))

        return read

    def counted(make: Callable[[int], Value], side: str, what: str) -> Callable[[], Value]:
        return lambda: make(total(side, what))

    def of(make: Callable[[int], Value], side: str, what: str) -> Callable[[SadbPair], Value]:
        return lambda pair: make(_sum(getattr(pair, side), what))

    return [
        Scalar((*IPSEC_GLOBAL, 1), lambda: gauge(len(active()))),
        Scalar((*IPSEC_GLOBAL, 2), lambda: counter(sadb.past.tunnels)),
        Scalar((*IPSEC_GLOBAL, 3), counted(counter, "inbound", "octets")),
        Scalar((*IPSEC_GLOBAL, 4), counted(counter64, "inbound", "octets")),
        Scalar((*IPSEC_GLOBAL, 9), counted(counter, "inbound", "packets")),
        Scalar((*IPSEC_GLOBAL, 11), counted(counter, "inbound", "replay_failures")),
        Scalar((*IPSEC_GLOBAL, 13), counted(counter, "inbound", "verify_failures")),
        Scalar((*IPSEC_GLOBAL, 14), counted(counter, "inbound", "packets")),
        Scalar((*IPSEC_GLOBAL, 16), counted(counter, "outbound", "octets")),
        Scalar((*IPSEC_GLOBAL, 17), counted(counter64, "outbound", "octets")),
        Scalar((*IPSEC_GLOBAL, 22), counted(counter, "outbound", "packets")),
        Scalar((*IPSEC_GLOBAL, 26), counted(counter, "outbound", "packets")),
        Table(
            IPSEC_TUNNEL,
            rows,
            {
                2: lambda pair: integer(ike_of(pair)),
                3: lambda pair: integer(1 if ike_of(pair) else 2),
                4: lambda pair: octets(pair.local.packed),
                5: lambda pair: octets(pair.peer.packed),
                6: lambda _pair: integer(1),
                7: lambda pair: integer(1 if pair.inbound[0].tunnel else 2),
                8: lambda pair: integer(pair.lifetime_kilobytes),
                9: lambda pair: integer(pair.lifetime_seconds),
                10: lambda pair: integer(_hundredths(device.now, pair.created)),
                15: lambda pair: gauge(len(pair.inbound) + len(pair.outbound)),
                17: cipher("inbound"),
                19: authenticator("inbound"),
                22: cipher("outbound"),
                24: authenticator("outbound"),
                26: of(counter, "inbound", "octets"),
                27: of(counter64, "inbound", "octets"),
                32: of(counter, "inbound", "packets"),
                34: of(counter, "inbound", "replay_failures"),
                36: of(counter, "inbound", "verify_failures"),
                39: of(counter, "outbound", "octets"),
                40: of(counter64, "outbound", "octets"),
                45: of(counter, "outbound", "packets"),
                51: lambda _pair: integer(ACTIVE),
            },
        ),
    ]
