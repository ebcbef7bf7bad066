"""The relay agent (RFC 1542 section 4.1, RFC 3046)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from ipaddress import IPv4Address

from iosemu.packets.dhcp import NOBODY, DhcpMessage, Op, Option

MOST_HOPS = 16
"""A request that passed more agents is dropped (RFC 1542 section 4.1.1)."""
REPLACE, KEEP, DROP = "replace", "keep", "drop"
"""`ip dhcp relay information policy`: of option 82 that a request has already."""


@dataclass(frozen=True, slots=True)
class RelayPolicy:
    """What an agent does with option 82."""

    insert: bool = False
    check: bool = True
    """Replies must bring back what was inserted."""
    reforwarding: str = REPLACE


def information(circuit: bytes, remote: bytes, subscriber: bytes = b"") -> bytes:
    """Option 82: sub-option 1 says which port the client is at, 2 which agent, 6 who the client is (RFC 3993)."""
    known = bytes((1, len(circuit))) + circuit + bytes((2, len(remote))) + remote
    return known + (bytes((6, len(subscriber))) + subscriber if subscriber else b"")


def to_server(
    message: DhcpMessage, own: IPv4Address, inserted: bytes, policy: RelayPolicy
) -> DhcpMessage | None:
    """A client's request as it goes on; None: it is dropped. `own`: the agent's address towards the client."""
    if message.op != Op.REQUEST or message.hops >= MOST_HOPS:
        return None
    first = message.relay == NOBODY
    options = message.options
    if policy.insert and first:
        if any(code == Option.RELAY_INFORMATION for code, _value in options):
            if policy.reforwarding == DROP:
                return None
            if policy.reforwarding == KEEP:
                return replace(message, hops=message.hops + 1, relay=own)
        kept = tuple(each for each in options if each[0] not in (Option.RELAY_INFORMATION, Option.PAD))
        options = (*kept, (Option.RELAY_INFORMATION, inserted))
    changed = options != message.options
    return replace(
        message,
        hops=message.hops + 1,
        relay=own if first else message.relay,
        options=options,
        trailing=b"" if changed else message.trailing,
        ended=True if changed else message.ended,
    )


def to_client(message: DhcpMessage, inserted: bytes, policy: RelayPolicy) -> DhcpMessage | None:
    """A server's reply as it goes on, without what the agent had inserted; None: it is dropped."""
    if message.op != Op.REPLY or not policy.insert:
        return message if message.op == Op.REPLY else None
    found = message.option(Option.RELAY_INFORMATION)
    if found != inserted:
        return None if policy.check and found is not None else message
    options = tuple(each for each in message.options if each[0] != Option.RELAY_INFORMATION)
    return replace(message, options=options, trailing=b"", ended=True)
