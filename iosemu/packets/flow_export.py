"""Export of flows by templates that a user makes: NetFlow version 9 (RFC 3954) and IPFIX (RFC 7011)."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from iosemu.packets.netflow import ExportClock

_V9_HEADER = struct.Struct("!HHIIII")
_IPFIX_HEADER = struct.Struct("!HHIII")
_SET = struct.Struct("!HH")
FIRST_TEMPLATE = 256
Template = tuple[tuple[int, int], ...]
"""Information elements, and how many octets each has."""


def _set(number: int, body: bytes) -> bytes:
    return _SET.pack(number, 4 + len(body) + -len(body) % 4) + body + bytes(-len(body) % 4)


def _template(number: int, template: Template) -> bytes:
    return _SET.pack(number, len(template)) + b"".join(_SET.pack(*each) for each in template)


def version_9(
    number: int, template: Template, records: Sequence[bytes], clock: ExportClock, sequence: int, domain: int, *,
    tells_template: bool,
) -> bytes:  # fmt: skip
    """A datagram of version 9; `sequence` counts datagrams."""
    sets = [_set(0, _template(number, template))] if tells_template else []
    sets += [_set(number, b"".join(records))] if records else []
    header = _V9_HEADER.pack(
        9, len(records) + tells_template, clock.uptime, clock.seconds, sequence & 0xFFFFFFFF, domain
    )
    return header + b"".join(sets)


def ipfix(
    number: int, template: Template, records: Sequence[bytes], clock: ExportClock, sequence: int, domain: int, *,
    tells_template: bool,
) -> bytes:  # fmt: skip
    """A message of IPFIX; `sequence` counts the records that were sent before."""
    sets = [_set(2, _template(number, template))] if tells_template else []
    sets += [_set(number, b"".join(records))] if records else []
    body = b"".join(sets)
    return (
        _IPFIX_HEADER.pack(10, _IPFIX_HEADER.size + len(body), clock.seconds, sequence & 0xFFFFFFFF, domain)
        + body
    )
