"""`show crypto engine …`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_types import short_name
from iosemu.handling.context import Context
from iosemu.ike.sa import IsakmpSa
from iosemu.ike.types import AhTransform, AuthAlgorithm, Encryption, EspTransform
from iosemu.ikev2.keys import IkeSuite
from iosemu.ikev2.numbers import Encr
from iosemu.ipsec.sadb import AH, ESP, SecurityAssociation
from iosemu.subjects.crypto.commands.isakmp import SHORT_HASH
from iosemu.subjects.crypto.config.ipsec import IpsecStyle
from iosemu.subjects.crypto.service.engine import CryptoEngine
from iosemu.subjects.crypto.service.flow import CryptoFlow
from iosemu.subjects.crypto.show.ipsec_sa import suite_of
from iosemu.subjects.crypto.words import PRF_NAMES, cipher_family

CIPHERS = {
    EspTransform.DES: "DES",
    EspTransform.TRIPLE_DES: "3DES",
    EspTransform.NULL: "",
    EspTransform.AES_CBC: "AES",
    EspTransform.AES_GCM_16: "AES-GCM",
    EspTransform.AES_GMAC: "AES-GMAC",
}
AUTHENTICATORS = {
    AuthAlgorithm.NONE: "",
    AuthAlgorithm.HMAC_MD5: "MD5",
    AuthAlgorithm.HMAC_SHA: "SHA",
    AuthAlgorithm.HMAC_SHA256: "SHA256",
    AuthAlgorithm.HMAC_SHA384: "SHA384",
    AuthAlgorithm.HMAC_SHA512: "SHA512",
}
AH_NAMES = {
    AhTransform.MD5: "MD5",
    AhTransform.SHA: "SHA",
    AhTransform.SHA256: "SHA256",
    AhTransform.SHA384: "SHA384",
    AhTransform.SHA512: "SHA512",
}
PHASE_1 = {Encryption.DES: "DES", Encryption.TRIPLE_DES: "3DES", Encryption.AES: "AES"}
LAYOUTS = {
    "15": "   ID  Type    Algorithm           Encrypt  Decrypt LastSeqN IP-Address",
    "12.4T": "   ID Interface  Type  Algorithm           Encrypt  Decrypt IP-Address",
    "12.4": "  ID Interface            IP-Address      State  Algorithm           Encrypt  Decrypt",
}


def _algorithm(sa: SecurityAssociation) -> str:
    suite = suite_of(sa)
    if suite.ah is not None:
        return AH_NAMES[suite.ah.transform]
    assert suite.esp is not None
    bits = str(suite.esp.key_bits) if suite.esp.key_bits > 128 else ""
    return "+".join(
        part for part in (CIPHERS[suite.esp.cipher] + bits, AUTHENTICATORS[suite.esp.auth]) if part
    )


def _phase_1(sa: IsakmpSa) -> str:
    if sa.policy is None:
        return ""
    bits = str(sa.policy.key_bits) if sa.policy.key_bits > 128 else ""
    return f"{SHORT_HASH[sa.policy.hash].upper()}+{PHASE_1[sa.policy.encryption]}{bits}"


def _ikev2(suite: IkeSuite) -> str:
    """`SHA512+AES256`."""
    family = {Encr.AES_CBC: "AES", Encr.AES_GCM_16: "AES-GCM"}.get(suite.encr, cipher_family(suite.encr))
    bits = str(suite.key_bits) if suite.key_bits > 128 else ""
    return f"{PRF_NAMES[suite.prf]}+{family}{bits}"


Row = tuple[int, str, str, str, str, int, int, int]
"""Connection id, interface, address, type, algorithm, encrypted, decrypted, last sequence number."""


def _rows(router: Device) -> Iterator[Row]:
    for pair in list(router.service(CryptoEngine).sadb):
        flow = pair.owner
        interface = flow.interface if isinstance(flow, CryptoFlow) else ""
        for sa in pair.inbound:
            last = sa.window.highest
            yield sa.conn_id, interface, str(pair.local), "IPsec", _algorithm(sa), 0, sa.packets, last
        for sa in pair.outbound:
            yield sa.conn_id, interface, str(pair.local), "IPsec", _algorithm(sa), sa.packets, 0, 0
    for isakmp in list(router.service(CryptoEngine).ike.sas):
        if isakmp.conn_id and not isakmp.deleted:
            found = (
                router.service(CryptoEngine)
                .fronts.of(isakmp.local.address, isakmp.peer.address)
                .interface_of(isakmp.local.address)
            )
            name = found.name if found is not None else ""
            address = str(isakmp.local.address)
            yield isakmp.conn_id, name, address, "IKE", _phase_1(isakmp), 0, 0, 0
    for each in router.service(CryptoEngine).ikev2.engine.sas:
        if each.suite is not None:
            found = (
                router.service(CryptoEngine)
                .fronts.of(each.local.address, each.peer.address)
                .interface_of(each.local.address)
            )
            name = found.name if found is not None else ""
            yield each.ce_id, name, str(each.local.address), "IKEv2", _ikev2(each.suite), 0, 0, 0


def show_connections_active(context: Context) -> Iterator[str]:
    """`show crypto engine connections active`: packets encrypted and decrypted by connection."""
    router = context.device
    layout = router.image.style(IpsecStyle).connections_layout
    if layout != "12.4":
        yield "Crypto Engine Connections"
    yield ""
    yield LAYOUTS[layout]
    for number, interface, address, kind, algorithm, encrypted, decrypted, last in sorted(_rows(router)):
        if layout == "12.4":
            yield (
                f"{number:>4} {interface:<20} {address:<15} set    {algorithm:<19} "
                f"{encrypted:>7} {decrypted:>8}"
            )
        elif layout == "12.4T":
            yield (
                f"{number:>5} {short_name(interface):<10} {kind:<5} {algorithm:<19} "
                f"{encrypted:>7} {decrypted:>8} {address}"
            )
        else:
            yield f"{number:>5}  {kind:<7} {algorithm:<19} {encrypted:>7} {decrypted:>8} {last:>8} {address}"
    yield ""


def show_connections_dh(context: Context) -> Iterator[str]:
    """`show crypto engine connections dh`: Diffie-Hellman values in use, until phase 1 ends."""
    router = context.device
    yield "Number of DH's pregenerated = 2"
    yield "DH lifetime = 86400 seconds"
    yield ""
    yield "Software Crypto Engine:"
    yield "Conn   Status      Group     Time left"
    for sa in list(router.service(CryptoEngine).ike.sas):
        if sa.conn_id and sa.policy is not None and not sa.deleted:
            left = max(0, int(sa.created + 86400 - router.now))
            yield f"{sa.conn_id:<7}Used        Group {sa.policy.group:<4}{left}"


def show_connections_flow(context: Context) -> Iterator[str]:
    """`show crypto engine connections flow`: which connections make up a flow."""
    router = context.device
    yield f"Crypto engine: {router.model.facts.get('crypto_engine', 'Software Crypto Engine')}"
    yield "      flow_id  ah_conn_id    esp_conn_id      comp_spi"
    flows: dict[int, dict[int, int]] = {}
    for pair in router.service(CryptoEngine).sadb:
        for sa in (*pair.inbound, *pair.outbound):
            flows.setdefault(sa.flow_id, {})[sa.protocol] = sa.conn_id
    for number, connections in sorted(flows.items()):
        ah, esp = (str(connections.get(protocol, "none")) for protocol in (AH, ESP))
        yield f"      {number:<9}{ah:<14}{esp:<17}none"


def show_eli(context: Context) -> Iterator[str]:
    """`show crypto eli`: the hardware engine of the model, with its sessions; without one, that there is none."""
    router = context.device
    name = router.model.facts.get("crypto_engine")
    if name is None:
        yield "Hardware Encryption : INACTIVE"
        yield " Number of hardware crypto engines = 0"
        return
    yield "Hardware Encryption : ACTIVE"
    yield " Number of hardware crypto engines = 1"
    yield ""
    yield f" CryptoEngine {name} details: state = Active"
    yield " Capability    : DES, 3DES, AES"
    yield ""
    limit = router.model.facts.get("crypto_sessions", 1500)
    yield f" IPSec-Session : {2 * len(router.service(CryptoEngine).sadb):>5} active, {limit:>5} max, 0 failed"


def show_brief(context: Context) -> Iterator[str]:
    """`show crypto engine brief`: the software engine that every router has."""
    router = context.device
    name = str(router.model.facts.get("crypto_engine_name", "Cisco VPN Software Implementation"))
    yield ""
    yield f"        crypto engine name:  {name}"
    yield "        crypto engine type:  software"
    yield f"             serial number:  {int.from_bytes(next(iter(router.macs.values()))[-4:]):08X}"
    yield "       crypto engine state:  installed"
    yield "     crypto engine in slot:  N/A"
