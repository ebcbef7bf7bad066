"""The messages that a DHCP server answers with (RFC 2131 4.3.1, RFC 2132)."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

from iosemu.net.dhcp.pools import Pool, ServerConfig
from iosemu.packets.dhcp import INFINITE, NOBODY, DhcpMessage, DhcpType, Op, Option, Options


def settings(config: ServerConfig, pool: Pool) -> Options:
    """The options of a pool, and those of the pools around it that it has not itself."""
    inside = pool.covers
    found: dict[int, bytes] = {}
    wider = [
        each
        for each in config.pools
        if inside is not None
        and each is not pool
        and each.network is not None
        and each.network.prefixlen < (32 if pool.host is not None else inside.prefixlen)
        and (pool.host.ip if pool.host is not None else inside.network_address) in each.network
    ]
    for each in [*sorted(wider, key=lambda one: one.network.prefixlen if one.network else 0), pool]:
        found.update(each.options)
    return tuple(sorted(found.items()))


def answer(
    config: ServerConfig,
    kind: DhcpType | None,
    request: DhcpMessage,
    pool: Pool,
    address: IPv4Address | None,
    own: IPv4Address,
    network: IPv4Network | None,
) -> DhcpMessage:
    """The answer of one kind (None: to a client that speaks BOOTP), from our address `own`.

    `network` is the one whose mask the client is told.
    """
    options: list[tuple[int, bytes]] = []
    if kind is not None:
        options += [
            (Option.MESSAGE_TYPE, bytes((kind,))),
            (Option.SERVER_IDENTIFIER, own.packed),
        ]
    if address is not None and kind is not None:
        options += _times(duration(request, pool))
    name = request.option(Option.CLIENT_IDENTIFIER)
    if kind is DhcpType.NAK:
        options += [(Option.CLIENT_IDENTIFIER, name)] if name else []
    else:
        options += _parameters(config, request, pool, network)
    information = request.option(Option.RELAY_INFORMATION)
    if information is not None:
        options.append((Option.RELAY_INFORMATION, information))
    return DhcpMessage(
        Op.REPLY,
        request.transaction,
        request.hardware,
        tuple(options),
        client=request.client if kind in (DhcpType.ACK, None) else NOBODY,
        yours=address or NOBODY,
        server=(pool.next_server or NOBODY) if kind is not DhcpType.NAK else NOBODY,
        relay=request.relay,
        flags=request.flags,
        hardware_type=request.hardware_type,
        file=pool.bootfile.encode()[:127] if kind is not DhcpType.NAK else b"",
    )


def _parameters(
    config: ServerConfig, request: DhcpMessage, pool: Pool, network: IPv4Network | None
) -> list[tuple[int, bytes]]:
    asked = request.option(Option.PARAMETER_LIST)
    found = [(int(Option.SUBNET_MASK), network.netmask.packed)] if network is not None else []
    host = request.option(Option.HOST_NAME)
    if host and (asked is None or Option.HOST_NAME in asked):
        found.append((Option.HOST_NAME, host))
    own = [each for each in settings(config, pool) if asked is None or each[0] in asked]
    return [*(each for each in found if each[0] not in dict(own)), *own]


def duration(message: DhcpMessage, pool: Pool) -> float | None:
    """Seconds of a lease: what the pool says, or less when the client asks for less."""
    asked = message.number(Option.LEASE_TIME)
    if asked is None or asked == INFINITE:
        return pool.lease
    return float(asked) if pool.lease is None else min(pool.lease, float(asked))


def _times(seconds: float | None) -> list[tuple[int, bytes]]:
    """The lease, and when to renew and to rebind: after half and seven eighths of it."""
    if seconds is None:
        return [(Option.LEASE_TIME, INFINITE.to_bytes(4, "big"))]
    whole = int(seconds)
    return [
        (Option.LEASE_TIME, whole.to_bytes(4, "big")),
        (Option.RENEWAL_TIME, (whole // 2).to_bytes(4, "big")),
        (Option.REBINDING_TIME, (whole * 7 // 8).to_bytes(4, "big")),
    ]
