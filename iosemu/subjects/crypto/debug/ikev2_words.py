"""How debug and the statistics call payloads, notifications and transforms of IKEv2."""

from __future__ import annotations

from collections.abc import Mapping

from iosemu.ikev2.numbers import Encr, Esn, Notify, PayloadType, TransformType
from iosemu.ikev2.payloads import Transform
from iosemu.subjects.crypto.words import GROUP_NAMES, INTEGRITY_NAMES, PRF_NAMES, cipher_family

PAYLOADS: dict[int, str] = {
    PayloadType.SA: "SA",
    PayloadType.KE: "KE",
    PayloadType.ID_I: "IDi",
    PayloadType.ID_R: "IDr",
    PayloadType.CERT: "CERT",
    PayloadType.CERTREQ: "CERTREQ",
    PayloadType.AUTH: "AUTH",
    PayloadType.NONCE: "N",
    PayloadType.DELETE: "DELETE",
    PayloadType.VENDOR_ID: "VID",
    PayloadType.TS_I: "TSi",
    PayloadType.TS_R: "TSr",
    PayloadType.CP: "CFG",
    PayloadType.EAP: "EAP",
}
NOTIFY_NAMES = {
    Notify.ESP_TFC_PADDING_NOT_SUPPORTED: "ESP_TFC_NO_SUPPORT",
    Notify.NON_FIRST_FRAGMENTS_ALSO: "NON_FIRST_FRAGS",
}
TRANSFORMS: dict[int, Mapping[int, str]] = {
    TransformType.ENCR: {each: cipher_family(each) for each in Encr},
    TransformType.PRF: {int(each): name for each, name in PRF_NAMES.items()},
    TransformType.INTEG: {int(each): name for each, name in INTEGRITY_NAMES.items()},
    TransformType.DH: GROUP_NAMES,
    TransformType.ESN: {Esn.NO: "Don't use ESN", Esn.YES: "Use ESN"},
}


def notify_name(kind: int) -> str:
    """A notify type as debug and the statistics call it."""
    if kind not in Notify.__members__.values():
        return f"Unknown - {kind}"
    return NOTIFY_NAMES.get(Notify(kind), Notify(kind).name)


def transform_name(transform: Transform) -> str:
    """A transform as debug calls it; peers offer some that have no name here."""
    return TRANSFORMS.get(transform.type, {}).get(transform.id, f"Unknown - {transform.id}")
