"""Applications: what they are called, and the further conversations that some of them ask for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address

from iosemu.net.rewrite import Ends
from iosemu.packets.ipv4 import Protocol

FTP, FTP_DATA, TFTP, TFTP_DATA, DNS = "ftp", "ftp-data", "tftp", "tftp-data", "dns"
_PORT = re.compile(rb"^PORT (\d+),(\d+),(\d+),(\d+),(\d+),(\d+)\s*$", re.IGNORECASE | re.MULTILINE)
_PASSIVE = re.compile(rb"^227 [^\r\n]*?(\d+),(\d+),(\d+),(\d+),(\d+),(\d+)", re.MULTILINE)
_EXTENDED_PORT = re.compile(rb"^EPRT \|1\|([0-9.]+)\|(\d+)\|\s*$", re.IGNORECASE | re.MULTILINE)
_EXTENDED_PASSIVE = re.compile(rb"^229 [^\r\n]*?\(\|\|\|(\d+)\|\)", re.MULTILINE)
_LONGEST = 1024
"""Octets of a segment that are read for commands and answers."""


@dataclass(frozen=True, slots=True)
class Expected:
    """A conversation that an application has asked for: from whom, to where."""

    application: str
    protocol: int
    source: IPv4Address
    destination: IPv4Address
    destination_port: int


def expected(application: str, ends: Ends, forward: bool, data: bytes) -> Iterator[Expected]:
    """What the data of a packet asks for; `ends` are those of the session's initiator (RFC 959, RFC 2428, RFC 1350).

    An address that is not that of the end which names it is no such request: it would let somebody open ways for
    others.
    """
    if application == TFTP and forward:
        yield Expected(TFTP_DATA, Protocol.UDP, ends.destination, ends.source, ends.source_port)
    elif application == FTP:
        yield from _of_ftp(ends, forward, data[:_LONGEST])


def _of_ftp(ends: Ends, forward: bool, data: bytes) -> Iterator[Expected]:
    near, far = (ends.source, ends.destination) if forward else (ends.destination, ends.source)
    for found in (_PORT if forward else _PASSIVE).finditer(data):
        numbers = [int(each) for each in found.groups()]
        if max(numbers) > 255 or IPv4Address(bytes(numbers[:4])) != near:
            continue
        yield from _listening(far, near, numbers[4] << 8 | numbers[5])
    if forward:
        for found in _EXTENDED_PORT.finditer(data):
            if found[1].decode() == str(near):
                yield from _listening(far, near, int(found[2]))
    else:
        for found in _EXTENDED_PASSIVE.finditer(data):
            yield from _listening(far, near, int(found[1]))


def _listening(source: IPv4Address, destination: IPv4Address, port: int) -> Iterator[Expected]:
    if 1024 <= port <= 65535:
        yield Expected(FTP_DATA, Protocol.TCP, source, destination, port)
