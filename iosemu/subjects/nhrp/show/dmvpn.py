"""`show dmvpn …`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address

from iosemu.box.clock_text import span
from iosemu.handling.context import Context
from iosemu.ip.config import VrfForwarding, primary_address
from iosemu.ip.stack import IpStack
from iosemu.nhrp.cache import Entry, Origin
from iosemu.nhrp.engine import Engine
from iosemu.subjects.crypto.show.session import tunnel_sessions
from iosemu.subjects.nhrp.config import NhrpStyle
from iosemu.subjects.nhrp.show.cache import engines, entries, server_line
from iosemu.subjects.tunnel.service import Tunnels

LEGEND = """\
Legend: Attrb --> S - Static, D - Dynamic, I - Incomplete
        N - NATed, L - Local, X - No Socket
        T1 - Route Installed, T2 - Nexthop-override
        C - CTS Capable
        # Ent --> Number of NHRP entries with same NBMA peer
        NHS Status: E --> Expecting Replies, R --> Responding, W --> Waiting
        UpDn Time --> Up or Down Time for a Tunnel
==========================================================================""".splitlines()
SHORT_LEGEND = """\
Legend: Attrb --> S - Static, D - Dynamic, I - Incompletea
        N - NATed, L - Local, X - No Socket
        # Ent --> Number of NHRP entries with same NBMA peer""".splitlines()


@dataclass(frozen=True)
class Wanted:
    """Which tunnels and far ends are meant; None and empty: any."""

    interface: str = ""
    vrf: str | None = None
    """The routing instance of the tunnel's own addresses."""
    nbma: IPv4Address | None = None
    address: IPv4Address | None = None
    static: bool = False

    def engines(self, context: Context) -> list[Engine]:
        """The tunnels that are meant."""
        stack = context.device.service(IpStack)
        found = engines(context, self.interface)
        return [each for each in found if self.vrf in (None, stack.vrf_of(each.interface).name)]

    def keeps(self, entry: Entry) -> bool:
        """Whether an entry leads to a far end that is meant."""
        if self.static and entry.origin is not Origin.STATIC:
            return False
        return self.nbma in (None, entry.nbma) and self.address in (None, entry.next_hop)


def _head(context: Context, running: list[Engine]) -> Iterator[str]:
    """The legend, and which tunnels are shut down; they have no part of their own."""
    yield from LEGEND if context.device.image.style(NhrpStyle).routes else SHORT_LEGEND
    for engine in running:
        if not context.device.interfaces[engine.interface].admin_up:
            yield f"{engine.interface} is admin down"
    yield ""


def _open(context: Context, running: list[Engine]) -> list[Engine]:
    return [each for each in running if context.device.interfaces[each.interface].admin_up]


def show_dmvpn(
    context: Context,
    vrf: str | None = None,
    interface: str = "",
    nbma: IPv4Address | None = None,
    address: IPv4Address | None = None,
    static: bool = False,
    detail: bool = False,
) -> Iterator[str]:
    """`show dmvpn …`: the far ends of each tunnel."""
    wanted = Wanted(interface, vrf, nbma, address, static)
    return _detail(context, wanted) if detail else _brief(context, wanted)


def _brief(context: Context, wanted: Wanted) -> Iterator[str]:
    style, running = context.device.image.style(NhrpStyle), wanted.engines(context)
    yield from _head(context, running)
    for engine in _open(context, running):
        groups = _groups(engine, wanted, local=False)
        if style.routes:
            yield f"Interface: {engine.interface}, IPv4 NHRP Details "
            yield f"Type:{_type(engine)}, NHRP Peers:{len(groups)}, "
            yield ""
        else:
            yield f"{engine.interface}, Type:{_type(engine)}, NBMA Peers:{len(groups)}, "
        yield " # Ent  Peer NBMA Addr Peer Tunnel Add State  UpDn Tm Attrb"
        yield " ----- --------------- --------------- ----- -------- -----"
        for rows in groups.values():
            for number, entry in enumerate(rows):
                yield _row(context, engine, entry, len(rows) if number == 0 else None, style, repeat=False)
        yield ""


def _type(engine: Engine) -> str:
    if not engine.servers:
        return "Hub"
    return "Hub/Spoke" if any(each.registered for each in engine.cache) else "Spoke"


def _groups(engine: Engine, wanted: Wanted, *, local: bool) -> dict[IPv4Address | None, list[Entry]]:
    groups: dict[IPv4Address | None, list[Entry]] = {}
    listed = [each for each in entries(engine) if wanted.keeps(each)]
    for entry in listed:
        if not entry.local:
            groups.setdefault(entry.nbma, []).append(entry)
    if local:
        for entry in listed:
            if entry.local:
                groups.setdefault(entry.nbma, []).append(entry)
    return groups


def state_of(context: Context, engine: Engine, entry: Entry) -> str:
    """`IKE`, `IPSEC`, `NHRP` or `UP`: what the far end lacks first."""
    if entry.nbma is None:
        return "NHRP"
    missing = context.device.service(Tunnels).missing(engine.interface, entry.nbma)
    if missing:
        return missing
    if entry.origin is Origin.DYNAMIC:
        return "UP"
    server = engine.servers.get(entry.network.network_address)
    return "UP" if server is not None and server.responding else "NHRP"


def _row(
    context: Context, engine: Engine, entry: Entry, count: int | None, style: NhrpStyle, *, repeat: bool
) -> str:
    now = context.device.now
    server = engine.servers.get(entry.network.network_address) if entry.origin is Origin.STATIC else None
    since = span(now - (server.since if server is not None else entry.since))
    if entry.origin is Origin.STATIC and (server is None or not server.ever):
        since = "never"
    nbma = "" if count is None and not repeat else str(entry.nbma or "UNKNOWN")
    nbma = f"{nbma:<15}" if style.routes else f"{nbma:>15}"
    number = "" if count is None else str(count)
    state = state_of(context, engine, entry)
    return f"{number:>6} {nbma} {entry.next_hop!s:>15} {state:>5} {since:>8} {_attributes(entry, style):>5}"


def _attributes(entry: Entry, style: NhrpStyle) -> str:
    words = entry.origin.value[0].upper()
    words += "N" * (entry.claimed is not None) + "L" * entry.local
    words += "X" * (entry.local or entry.nbma is None)
    if style.routes and entry.rib:
        words += "T2" if entry.nho else "T1"
    return words


def _detail(context: Context, wanted: Wanted) -> Iterator[str]:
    """What each tunnel is, its servers, and all of its entries."""
    device, style = context.device, context.device.image.style(NhrpStyle)
    listed = wanted.engines(context)
    yield from _head(context, listed)
    tunnels = device.service(Tunnels)
    for engine in _open(context, listed):
        name = engine.interface
        tunnel, running = tunnels.get(name), device.interfaces[name]
        config = device.config.interfaces[name]
        vrf = config.held(VrfForwarding)
        state = "up" if running.line_up else "down"
        protocol = "up" if running.protocol_up else "down"
        assert tunnel is not None
        end = "MGRE" if tunnel.multipoint else str(tunnel.destination)
        kind = "multi-GRE" if tunnel.multipoint else "GRE"
        yield (
            f"Interface {name} is {state}/{protocol}, Addr. is {primary_address(config)}, "
            f'VRF "{vrf.name if vrf is not None else ""}" '
        )
        yield f'   Tunnel Src./Dest. addr: {tunnels.source_of(name)}/{end}, Tunnel VRF "{tunnel.vrf}"'
        yield f'   Protocol/Transport: "{kind}/IP", Protect "{tunnel.protection or ""}" '
        yield "   Interface State Control: Disabled"
        yield ""
        if engine.servers:
            yield "IPv4 NHS:"
            yield from (server_line(engine, each, style) for each in engine.servers.values())
        groups = _groups(engine, wanted, local=True)
        peers = sum(any(not each.local for each in rows) for rows in groups.values())
        yield f"Type:{_type(engine)}, Total NBMA Peers (v4/v6): {peers}"
        yield ""
        yield "# Ent  Peer NBMA Addr Peer Tunnel Add State  UpDn Tm Attrb    Target Network"
        yield "----- --------------- --------------- ----- -------- ----- -----------------"
        for rows in groups.values():
            for number, entry in enumerate(rows):
                count = len(rows) if number == 0 else None
                row = _row(context, engine, entry, count, style, repeat=True)
                yield f"{row[1:]} {entry.network!s:>18}"
        yield ""
    yield ""
    yield "Crypto Session Details: "
    yield "-" * 80
    yield ""
    for engine in _open(context, listed):
        ends = {entry.nbma for entry in entries(engine) if wanted.keeps(entry)}
        yield from tunnel_sessions(device, engine.interface, ends)
    yield "Pending DMVPN Sessions:"
