"""The algorithms of IKEv2 in the words of shows and debug."""

from __future__ import annotations

from typing import Final

from iosemu.ikev2.numbers import Encr, Integ, Prf

FAMILIES: Final = {
    Encr.DES: "DES",
    Encr.TRIPLE_DES: "3DES",
    Encr.AES_CBC: "AES-CBC",
    Encr.AES_GCM_16: "AES-GCM",
}
INTEGRITY_NAMES: Final = {
    Integ.NONE: "None",
    Integ.MD5_96: "MD596",
    Integ.SHA1_96: "SHA96",
    Integ.SHA256_128: "SHA256",
    Integ.SHA384_192: "SHA384",
    Integ.SHA512_256: "SHA512",
}
PRF_NAMES: Final = {
    Prf.MD5: "MD5",
    Prf.SHA1: "SHA1",
    Prf.SHA256: "SHA256",
    Prf.SHA384: "SHA384",
    Prf.SHA512: "SHA512",
}
GROUP_NAMES: Final = {
    1: "DH_GROUP_768_MODP/Group 1",
    2: "DH_GROUP_1024_MODP/Group 2",
    5: "DH_GROUP_1536_MODP/Group 5",
    14: "DH_GROUP_2048_MODP/Group 14",
    15: "DH_GROUP_3072_MODP/Group 15",
    16: "DH_GROUP_4096_MODP/Group 16",
    19: "DH_GROUP_256_ECP/Group 19",
    20: "DH_GROUP_384_ECP/Group 20",
    21: "DH_GROUP_521_ECP/Group 21",
    24: "DH_GROUP_2048_256_MODP/Group 24",
}


def cipher_family(cipher: Encr) -> str:
    """`AES-CBC`."""
    return FAMILIES.get(cipher, cipher.name)


def cipher_name(cipher: Encr, bits: int) -> str:
    """`AES-CBC-256`; ciphers of fixed length have no number."""
    return f"{cipher_family(cipher)}-{bits}" if bits else cipher_family(cipher)
