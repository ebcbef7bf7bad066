"""DNS messages (RFC 1035), by dnspython. It is big: who needs it imports this when somebody first asks for a name."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.reversename
import dns.rrset

from iosemu.packets.errors import MalformedPacket

STATIC_TTL = 10
"""Seconds for which others may keep what an `ip host` line says."""


@dataclass(frozen=True)
class Answer:
    """What a server said: addresses, or that there is no such name, or that it cannot tell (`failed`)."""

    addresses: tuple[IPv4Address, ...] = ()
    name: str = ""
    """The canonical name."""
    ttl: int = 0
    authoritative: bool = False
    exists: bool = True
    failed: bool = False


@dataclass(frozen=True)
class Question:
    """What somebody asks: the name without a last full stop, and the type (`A`, `PTR`, …)."""

    identifier: int
    name: str
    type: str


def query(name: str, identifier: int) -> bytes:
    """A recursive query for the addresses of a name. Raises ValueError for what is no name."""
    try:
        return dns.message.make_query(name, dns.rdatatype.A, id=identifier).to_wire()
    except (dns.exception.DNSException, UnicodeError) as error:
        raise ValueError(f"{name!r} is no domain name") from error


def _parsed(data: bytes) -> dns.message.Message:
    try:
        return dns.message.from_wire(data)
    except (dns.exception.DNSException, ValueError, IndexError, UnicodeError) as error:
        raise MalformedPacket(f"DNS: {type(error).__name__}") from error


def answer(data: bytes, name: str, identifier: int) -> Answer | None:
    """What an answer says; None: it is none to this question. Raises MalformedPacket."""
    message = _parsed(data)
    if not message.flags & dns.flags.QR or message.id != identifier or not message.question:
        return None
    asked = dns.name.from_text(name)
    if message.question[0].name != asked:
        return None
    if message.rcode() == dns.rcode.NXDOMAIN:
        return Answer(exists=False)
    if message.rcode() != dns.rcode.NOERROR or not isinstance(message, dns.message.QueryMessage):
        return Answer(failed=True)
    authoritative = bool(message.flags & dns.flags.AA)
    try:
        chain = message.resolve_chaining()
    except dns.exception.DNSException:
        return Answer(failed=True)
    if chain.answer is None:
        return Answer(exists=False, authoritative=authoritative)
    addresses = tuple(IPv4Address(each.address) for each in chain.answer if each.rdtype == dns.rdatatype.A)
    canonical = chain.canonical_name.to_text(omit_final_dot=True)
    return Answer(addresses, canonical, chain.minimum_ttl, authoritative, exists=bool(addresses))


def question(data: bytes) -> Question | None:
    """What a datagram asks; None: it is no query. Raises MalformedPacket."""
    message = _parsed(data)
    if message.flags & dns.flags.QR or message.opcode() != dns.opcode.QUERY or len(message.question) != 1:
        return None
    asked = message.question[0]
    if asked.rdclass != dns.rdataclass.IN:
        return None
    kind = dns.rdatatype.to_text(asked.rdtype)
    return Question(message.id, asked.name.to_text(omit_final_dot=True), kind)


def reply(data: bytes, addresses: tuple[IPv4Address, ...] | None = None, pointer: str = "") -> bytes:
    """The answer of a server that knows the addresses or the name, or, with neither, cannot tell.

    An empty tuple: the name is known, and has nothing of the type.
    """
    message = _parsed(data)
    response = dns.message.make_response(message, recursion_available=True)
    asked = message.question[0]
    if addresses is None and not pointer:
        response.set_rcode(dns.rcode.SERVFAIL)
        return response.to_wire()
    response.flags |= dns.flags.AA
    if pointer:
        try:
            text, kind = [dns.name.from_text(pointer).to_text()], dns.rdatatype.PTR
        except (dns.exception.DNSException, UnicodeError):  # a name that only a host table takes
            response.set_rcode(dns.rcode.SERVFAIL)
            return response.to_wire()
    else:
        text, kind = [str(each) for each in addresses or ()], dns.rdatatype.A
    if text:
        response.answer.append(
            dns.rrset.from_text_list(asked.name, STATIC_TTL, dns.rdataclass.IN, kind, text)
        )
    return response.to_wire(want_shuffle=False)  # whose order would be no lab's


def pointed_at(name: str) -> IPv4Address | None:
    """The address that a name such as `1.0.0.10.in-addr.arpa` is the reverse of."""
    try:
        return IPv4Address(dns.reversename.to_address(dns.name.from_text(name)))
    except (dns.exception.DNSException, ValueError):
        return None


def renumbered(data: bytes, identifier: int) -> bytes:
    """The same message with another number."""
    return identifier.to_bytes(2, "big") + data[2:]
