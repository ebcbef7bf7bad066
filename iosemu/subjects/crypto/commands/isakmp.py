"""`crypto isakmp …` and the shows of phase 1."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from ipaddress import IPv4Address

from iosemu.box.clock_text import hms
from iosemu.box.device import Device
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Enter
from iosemu.ike.sa import IsakmpSa
from iosemu.ike.types import Authentication, Encryption, Hash
from iosemu.subjects.crypto.commands.masks import network_of
from iosemu.subjects.crypto.config.isakmp import (
    IsakmpConfig,
    IsakmpStyle,
    Policy,
    PolicyEncryption,
    builtin_policies,
    default_suite,
)
from iosemu.subjects.crypto.config.keepalive import Keepalive
from iosemu.subjects.crypto.config.keyring import PresharedKey
from iosemu.subjects.crypto.service.engine import CryptoEngine
from iosemu.subjects.crypto.service.groups import RekeySa

ENCRYPTIONS = {
    PolicyEncryption.DES: "DES - Data Encryption Standard (56 bit keys).",
    PolicyEncryption.TRIPLE_DES: "Three key triple DES",
    PolicyEncryption.AES_128: "AES - Advanced Encryption Standard (128 bit keys).",
    PolicyEncryption.AES_192: "AES - Advanced Encryption Standard (192 bit keys).",
    PolicyEncryption.AES_256: "AES - Advanced Encryption Standard (256 bit keys).",
}
HASHES = {
    Hash.MD5: "Message Digest 5",
    Hash.SHA: "Secure Hash Standard",
    Hash.SHA256: "Secure Hash Standard 2 (256 bit)",
    Hash.SHA384: "Secure Hash Standard 2 (384 bit)",
    Hash.SHA512: "Secure Hash Standard 2 (512 bit)",
}
METHODS = {
    Authentication.PRE_SHARE: "Pre-Shared Key",
    Authentication.RSA_SIG: "Rivest-Shamir-Adleman Signature",
    Authentication.RSA_ENCR: "Rivest-Shamir-Adleman Encryption",
}
GROUPS = {
    1: "#1 (768 bit)",
    2: "#2 (1024 bit)",
    5: "#5 (1536 bit)",
    14: "#14 (2048 bit)",
    15: "#15 (3072 bit)",
    16: "#16 (4096 bit)",
    19: "#19 (256 bit)",
    20: "#20 (384 bit)",
    21: "#21 (521 bit)",
    24: "#24 (2048 bit, 256 bit subgroup)",
}
SHORT_ENCRYPTION = {Encryption.DES: "des", Encryption.TRIPLE_DES: "3des", Encryption.AES: "aes"}
SHORT_HASH = {
    Hash.MD5: "md5",
    Hash.SHA: "sha",
    Hash.SHA256: "sha256",
    Hash.SHA384: "sha384",
    Hash.SHA512: "sha512",
}
SHORT_METHOD = {
    Authentication.PRE_SHARE: "psk",
    Authentication.RSA_SIG: "rsig",
    Authentication.RSA_ENCR: "renc",
}
CODES = (
    "Codes: C - IKE configuration mode, D - Dead Peer Detection",
    "       K - Keepalives, N - NAT-traversal",
    "       T - cTCP encapsulation, X - IKE Extended Authentication",
    "       psk - Preshared key, rsig - RSA signature",
    "       renc - RSA encryption",
)


def _style(router: Device) -> IsakmpStyle:
    return router.image.style(IsakmpStyle)


# --- configuration -----------------------------------------------------------------------------------


def policy(context: Context, priority: int) -> list[Enter] | None:
    """`[no] crypto isakmp policy N`: enters the suite, made when new."""
    isakmp: IsakmpConfig = context.device.config.of(IsakmpConfig)
    if context.off:
        isakmp.policies.pop(priority, None)
        return None
    return [Enter("config-isakmp", isakmp.policy(priority))]


def key_address(
    context: Context,
    secret: str,
    peer: IPv4Address,
    mask: IPv4Address | None = None,
    encoding: str | None = None,
    no_xauth: bool = False,
) -> str | None:
    """`[no] crypto isakmp key SECRET address A [MASK]`."""
    network = network_of(peer, mask)
    key = PresharedKey(secret, network, "", int(encoding) if encoding else None, no_xauth)
    return _key(context, key, f"{network.network_address} {network.netmask}")


def key_hostname(
    context: Context, secret: str, name: str, encoding: str | None = None, no_xauth: bool = False
) -> str | None:
    """`[no] crypto isakmp key SECRET hostname NAME`."""
    key = PresharedKey(secret, None, name, int(encoding) if encoding else None, no_xauth)
    return _key(context, key, name)


def _key(context: Context, key: PresharedKey, shown: str) -> str | None:
    isakmp: IsakmpConfig = context.device.config.of(IsakmpConfig)
    if context.off:
        isakmp.remove_key(key.peer)
        return None
    if not isakmp.add_key(key):
        kind = "address mask" if key.network is not None else "hostname"
        return f"A pre-shared key for {kind} {shown} already exists!"
    return None


def keepalive(
    context: Context, interval: int = 10, retry: int | None = None, kind: str = "on-demand"
) -> None:
    """`[no] crypto isakmp keepalive …`: dead peer detection."""
    on = not context.negated and not context.defaulted
    context.device.config.of(IsakmpConfig).keepalive = (
        Keepalive(interval, retry if retry is not None else 2, kind == "periodic") if on else None
    )


# --- shows -------------------------------------------------------------------------------------------


def show_sa(
    context: Context, detail: bool = False, active: bool = False, count: bool = False
) -> Iterable[str]:
    """`show crypto isakmp sa [detail | active | count]`."""
    router = context.device
    crypto = router.service(CryptoEngine)
    sas = crypto.phase1_sas()
    if count:
        return _count(sas)
    if active:
        sas = [sa for sa in sas if sa.up]
    return _detail(router, sas) if detail else _table(router, sas, crypto.groups.rekey_sas())


def _table(router: Device, sas: list[IsakmpSa], rekeys: Sequence[RekeySa]) -> Iterator[str]:
    style = _style(router)
    if style.heading:
        yield "IPv4 Crypto ISAKMP SA"
    slot = " slot" if style.slot_column else ""
    yield f"dst             src             state          conn-id{slot} status"
    shown: list[IsakmpSa | RekeySa] = [*_grouped(sas), *rekeys]
    for sa in shown:
        slot = "    0" if style.slot_column else ""
        yield (
            f"{sa.responder!s:<15} {sa.initiator!s:<15} {sa.shown_state:<14} "
            f"{sa.conn_id:>7}{slot} {sa.status}"
        )
    if style.ipv6_heading:
        yield ""
        yield "IPv6 Crypto ISAKMP SA"
    yield ""


def _grouped(sas: list[IsakmpSa]) -> list[IsakmpSa]:
    """Peer by peer, the newest first."""
    order: dict[tuple[IPv4Address, IPv4Address], list[IsakmpSa]] = {}
    for sa in sas:
        order.setdefault((sa.responder, sa.initiator), []).insert(0, sa)
    return [sa for group in order.values() for sa in group]


def _count(sas: list[IsakmpSa]) -> Iterator[str]:
    active = sum(1 for sa in sas if sa.up)
    yield f"Active ISAKMP SA's: {active}"
    yield ""
    yield "Standby ISAKMP SA's: 0"
    yield ""
    yield f"Currently being negotiated ISAKMP SA's: {sum(1 for sa in sas if not sa.up and not sa.deleted)}"
    yield ""
    yield f"Dead ISAKMP SA's: {sum(1 for sa in sas if sa.deleted)}"


def _detail(router: Device, sas: list[IsakmpSa]) -> Iterator[str]:
    yield from CODES
    yield "IPv4 Crypto ISAKMP SA"
    yield ""
    yield "C-id  Local           Remote          I-VRF  Status Encr Hash   Auth DH Lifetime Cap."
    yield ""
    for sa in _grouped(sas):
        encryption = digest = method = group = ""
        if sa.policy is not None:
            encryption = SHORT_ENCRYPTION[sa.policy.encryption]
            digest = SHORT_HASH[sa.policy.hash]
            method = SHORT_METHOD[sa.policy.authentication.plain]
            group = str(sa.policy.group)
        lifetime = hms(sa.remaining(router.now)) if sa.expires is not None else "0"
        yield (
            f"{sa.conn_id:<5} {sa.local.address!s:<15} {sa.peer.address!s:<15}        ACTIVE "
            f"{encryption:<4} {digest:<6} {method:<4} {group:<2} {lifetime:<8} {capabilities(router, sa)}"
        ).rstrip() + (" (deleted)" if sa.deleted else "")
        engine = f"SW:{sa.conn_id % 1000}" if sa.conn_id else "???"
        yield f"       Engine-id:Conn-id =  {engine}"
        yield ""
    yield "IPv6 Crypto ISAKMP SA"
    yield ""


def capabilities(router: Device, sa: IsakmpSa) -> str:
    """`C` mode config, `D` dead peer detection (both ends do it), `X` extended authentication, `N` NAT traversal."""
    watched = sa.dpd and router.service(CryptoEngine).credentials.keepalive(sa.profile) is not None
    letters = (("C", sa.configured), ("D", watched), ("X", bool(sa.user)), ("N", sa.nat.found))
    return "".join(letter for letter, can in letters if can)


def show_policy(context: Context) -> Iterator[str]:
    """`show crypto isakmp policy`."""
    router = context.device
    style = _style(router)
    policies = list(router.config.of(IsakmpConfig).policies.values())
    yield ""
    yield "Global IKE policy"
    for each in policies:
        yield f"Protection suite of priority {each.priority}"
        yield from _suite(each, style)
    if not policies and style.builtin_policies:
        yield from _defaults(style)
    if style.default_suite:
        yield "Default protection suite"
        yield from _suite(default_suite(), style)


def show_default_policy(context: Context) -> Iterator[str]:
    """`show crypto isakmp default policy`."""
    yield ""
    yield from _defaults(_style(context.device))


def _defaults(style: IsakmpStyle) -> Iterator[str]:
    for each in builtin_policies():
        yield f"Default protection suite of priority {each.priority}"
        yield from _suite(each, style)


def _suite(each: Policy, style: IsakmpStyle) -> Iterator[str]:
    rows = (
        ("encryption algorithm:", ENCRYPTIONS[each.encryption]),
        ("hash algorithm:", HASHES[each.hash]),
        ("authentication method:", METHODS[each.authentication]),
        ("Diffie-Hellman group:", GROUPS[each.group]),
        ("lifetime:", f"{each.lifetime} seconds, no volume limit"),
    )
    for label, value in rows:
        if style.policy_tabs:
            yield f"\t{label}{chr(9) * (2 if len(label) < 16 else 1)}{value}"
        else:
            yield f"        {label:<24}{value}"


def show_key(context: Context) -> Iterator[str]:
    """`show crypto isakmp key`."""
    yield "Keyring      Hostname/Address                            Preshared Key"
    yield ""
    isakmp: IsakmpConfig = context.device.config.of(IsakmpConfig)
    rings = [("default", isakmp.keys), *((name, ring.keys) for name, ring in isakmp.keyrings.items())]
    for name, keys in rings:
        for key in keys:
            if key.network is None:
                peer = key.hostname
            elif key.network.prefixlen == 32:
                peer = str(key.network.network_address)
            else:
                peer = f"{key.network.network_address!s:<15}[{key.network.netmask!s:<15}]"
            yield f"{name:<13}{peer:<44}{key.secret}"


def show_peers(context: Context, address: IPv4Address | None = None) -> Iterator[str]:
    """`show crypto isakmp peers [ADDRESS]`."""
    seen = set()
    for sa in context.device.service(CryptoEngine).phase1_sas():
        key = (sa.peer, sa.local.address)
        if sa.deleted or key in seen or address not in (None, sa.peer.address):
            continue
        seen.add(key)
        yield f"Peer: {sa.peer.address} Port: {sa.peer.port} Local: {sa.local.address}"
        if sa.peer_identity is not None:
            yield f" Phase1 id: {sa.peer_identity}"


def clear(context: Context, connection: int | None = None) -> None:
    """`clear crypto isakmp [CONN-ID]`: phase 1 only, IPsec SAs stay."""
    if connection == 0:
        raise CommandError("% No such connection")
    context.device.service(CryptoEngine).clear_isakmp(connection)
