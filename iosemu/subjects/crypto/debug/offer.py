"""How debug prints offered transforms of either phase."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.ike import trace
from iosemu.ike.types import Authentication, Encryption, Hash, ProtocolId
from iosemu.subjects.crypto.debug.line import Kind, Line

ENCRYPTIONS = {1: "DES-CBC", 5: "3DES-CBC", 7: "AES-CBC"}
METHODS = {
    1: "pre-share",
    3: "RSA sig",
    4: "RSA encr",
    65001: "XAUTHInitPreShared",
    65005: "XAUTHInitRSA",
}
HASHES = {each.value: each.name for each in Hash}
ESP_NAMES = {2: "ESP_DES", 3: "ESP_3DES", 11: "ESP_NULL", 12: "ESP_AES ", 20: "ESP_GCM ", 23: "ESP_GMAC "}
AH_NAMES = {2: "AH_MD5", 3: "AH_SHA", 5: "AH_SHA256", 6: "AH_SHA384", 7: "AH_SHA512"}
ENCAPSULATIONS = {1: "1 (Tunnel)", 2: "2 (Transport)", 3: "3 (Tunnel-UDP)", 4: "4 (Transport-UDP)"}
AUTHENTICATORS = {1: "HMAC-MD5", 2: "HMAC-SHA", 5: "HMAC-SHA256", 6: "HMAC-SHA384", 7: "HMAC-SHA512"}

assert set(ENCRYPTIONS) == set(Encryption)
assert set(METHODS) == set(Authentication)


def vpi(value: int) -> str:
    """A variable-length attribute byte by byte."""
    return "".join(f"0x{byte:X} " for byte in value.to_bytes(4))


def _duration(label: str, value: int, basic: bool, conn: int) -> Line:
    if basic:
        return Line(f"     {label} (basic) of {value}", Kind.GENERAL, conn)
    return Line(f"     {label} (VPI) of  {vpi(value)}", Kind.PLAIN, conn)


def policy_lines(event: trace.PolicyCheck, conn: int) -> Iterator[Line]:
    """One phase 1 transform against one policy."""
    text = f"Checking ISAKMP transform {event.transform} against priority {event.policy.priority} policy"
    yield Line(text, Kind.SA, conn)
    for kind, value, basic in event.attributes:
        match kind:
            case 1:
                text = f"encryption {ENCRYPTIONS.get(value, value)}"
            case 2:
                text = f"hash {HASHES.get(value, value)}"
            case 3:
                text = f"auth {METHODS.get(value, value)}"
            case 4:
                text = f"default group {value}"
            case 11:
                text = f"life type in {'seconds' if value == 1 else 'kilobytes'}"
            case 12:
                yield _duration("life duration", value, basic, conn)
                continue
            case 14:
                text = f"keylength of {value}"
            case _:
                continue
        yield Line(f"     {text}", Kind.GENERAL, conn)
    if event.mismatch is not None:
        yield Line(event.mismatch.value, Kind.ERROR, conn)
    verdict = "acceptable" if event.mismatch is None else "not acceptable"
    kind_of = Kind.SA if event.mismatch is None else Kind.ERROR
    yield Line(f"atts are {verdict}. Next payload is {event.next_payload}", kind_of, conn)


def proposal_lines(event: trace.ProposalCheck, conn: int) -> Iterator[Line]:
    """One phase 2 transform."""
    names = ESP_NAMES if event.protocol == ProtocolId.ESP else AH_NAMES
    yield Line(f"Checking IPSec proposal {event.proposal}", Kind.SA, conn)
    name = names.get(event.identifier, str(event.identifier))
    yield Line(f"transform {event.transform}, {name}", Kind.GENERAL, conn)
    yield Line("  attributes in transform:", Kind.GENERAL, conn)
    for kind, value, basic in event.attributes:
        match kind:
            case 1:
                text = f"SA life type in {'seconds' if value == 1 else 'kilobytes'}"
            case 2:
                yield _duration("SA life duration", value, basic, conn)
                continue
            case 3:
                text = f"group is {value}"
            case 4:
                text = f"encaps is {ENCAPSULATIONS.get(value, value)}"
            case 5:
                text = f"authenticator is {AUTHENTICATORS.get(value, value)}"
            case 6:
                text = f"key length is {value}"
            case _:
                continue
        yield Line(f"     {text}", Kind.GENERAL, conn)
    yield Line(f"atts are {'acceptable' if event.acceptable else 'not acceptable'}.", Kind.SA, conn)
