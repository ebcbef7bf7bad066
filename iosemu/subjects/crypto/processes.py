"""The processes of IKE and IPsec."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.subject import Process
from iosemu.subjects.crypto.service.engine import CryptoEngine

ASSOCIATION_BYTES = 12288


def process_rows(device: Device) -> Iterator[Process]:
    """Security associations of both phases."""
    engine = device.service(CryptoEngine)
    phase1, phase2 = len(list(engine.ike.sas)), len(list(engine.sadb))
    yield Process("Crypto IKMP", phase1, 30_000, 8192 + phase1 * ASSOCIATION_BYTES)
    if engine.ikev2.knows():
        sas = len(list(engine.ikev2.engine.sas))
        yield Process("Crypto IKEv2", sas, 30_000, 8192 + sas * ASSOCIATION_BYTES)
    yield Process("IPSEC key engine", phase2, 2_000, 8192 + phase2 * ASSOCIATION_BYTES)
