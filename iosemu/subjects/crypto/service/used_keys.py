"""The keys that were used since power on, kept for captures: an SA may be gone when its packets are looked at."""

from __future__ import annotations

from typing import Any

from iosemu.ike.sa import IsakmpSa
from iosemu.ipsec.sadb import SadbPair
from iosemu.subjects.crypto.service.keys import esp_key, ike_keys


class UsedKeys:
    """Those of ISAKMP SAs, of groups and of IPsec SAs, in the form of Wireshark's decryption tables."""

    def __init__(self) -> None:
        self.ike: dict[str, dict[str, str]] = {}
        """By the initiator's cookie."""
        self.esp: dict[tuple[str, str, str], dict[str, Any]] = {}
        """By source, destination and SPI."""

    def pair(self, pair: SadbPair) -> None:
        """Note the keys of a pair of IPsec SAs."""
        for sa in (*pair.inbound, *pair.outbound):
            key = esp_key(sa, of_a_group=pair.preserves)
            if key is not None:
                self.esp[key["src"], key["dst"], key["spi"]] = key

    def phase1(self, sa: IsakmpSa) -> None:
        """Note the keys of an ISAKMP SA, once it has got them."""
        if sa.keys is not None and sa.cookie_i.hex() not in self.ike:
            for keys in ike_keys([sa]):
                self.ike[keys["cookie"]] = keys

    def kek(self, cookie: bytes, key: bytes, iv: bytes) -> None:
        """Note the key of a group's rekeys; it is found as those of ISAKMP SAs are."""
        entry = {"cookie": cookie.hex(), "key": key.hex(), "iv": iv.hex(), "skeyid": "00" * 20}
        self.ike[entry["cookie"]] = entry
