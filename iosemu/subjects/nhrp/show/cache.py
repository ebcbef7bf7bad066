"""`show ip nhrp …` and `show dmvpn`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address

from iosemu.box.clock_text import hms, span
from iosemu.box.interface_types import short_name, sort_key
from iosemu.handling.context import Context
from iosemu.nhrp.cache import Entry, Origin
from iosemu.nhrp.engine import Engine
from iosemu.nhrp.servers import Server
from iosemu.subjects.nhrp.config import NhrpStyle
from iosemu.subjects.nhrp.reporting import KINDS
from iosemu.subjects.nhrp.service import Nhrp

ENTRY_MEMORY = 784
"""Octets of an entry in `show ip nhrp summary`."""


def engines(context: Context, interface: str = "") -> list[Engine]:
    """The engines of a box, or that of one interface, in the order of their tunnels."""
    running = context.device.service(Nhrp).engines
    return [running[name] for name in sorted(running, key=sort_key) if interface in ("", name)]


def entries(engine: Engine) -> list[Entry]:
    """The cache in the order of IOS: addresses of the tunnel, then what lies behind, local entries last."""
    return sorted(
        engine.cache,
        key=lambda each: (
            not each.host,
            each.local,
            int(each.network.network_address),
            each.network.prefixlen,
        ),
    )


def show_cache(
    context: Context,
    origin: str = "",
    interface: str = "",
    address: IPv4Address | None = None,
    detail: bool = False,
) -> Iterator[str]:
    """`show ip nhrp [dynamic | static | incomplete | local] [A] [INTERFACE] [detail]`."""
    for engine in engines(context, interface):
        for entry in entries(engine):
            if address is not None and address not in entry.network:
                continue
            if not _is(entry, origin):
                continue
            yield from _entry(context, engine, entry, detail=detail)


def _is(entry: Entry, origin: str) -> bool:
    if origin == "local":
        return entry.local
    return origin in ("", entry.origin.value)


def show_shortcut(context: Context, interface: str = "") -> Iterator[str]:
    """`show ip nhrp shortcut`: what leads packets elsewhere than routing says."""
    for engine, entry in context.device.service(Nhrp).shortcuts():
        if interface in ("", engine.interface):
            yield from _entry(context, engine, entry, detail=False)


def _words(context: Context, entry: Entry) -> Iterator[str]:
    now, style = context.device.now, context.device.image.style(NhrpStyle)
    if not style.long_entries and (entry.registered or entry.resolved):
        yield "authoritative"
    if entry.router:
        yield "router"
    if entry.unique:
        yield "unique"
    if entry.registered:
        yield "registered"
    if entry.local:
        yield "local"
    if entry.used(now):
        yield "used"
    if not style.long_entries:
        return
    if entry.host and entry.origin is Origin.DYNAMIC and not entry.local:
        yield "nhop"
    if entry.rib:
        yield "rib"
    if entry.nho:
        yield "nho"


def _entry(context: Context, engine: Engine, entry: Entry, *, detail: bool) -> Iterator[str]:
    now, style = context.device.now, context.device.image.style(NhrpStyle)
    created = span(now - entry.created)
    ends = "never expire " if entry.expires is None else f"expire {span(entry.expires - now)}"
    pad = "   " if style.long_entries else "  "
    if style.long_entries:
        yield f"{entry.network} via {entry.next_hop}"
        yield f"{pad}{engine.interface} created {created}, {ends}"
    else:
        yield f"{entry.network} via {entry.next_hop}, {engine.interface} created {created}, {ends}"
    words = "".join(f"{word} " for word in _words(context, entry))
    yield f"{pad}Type: {entry.origin.value}, Flags: {words}"
    if entry.nbma is None:
        yield f"{pad}Cache hits: 0"
    else:
        yield f"{pad}NBMA address: {entry.nbma} "
    if detail and style.long_entries:
        yield f"{pad}Preference: 255"
    if entry.claimed is not None:
        yield f"{pad} (Claimed NBMA address: {entry.claimed}) "
    if entry.local or entry.nbma is None:
        yield f"{pad} (no-socket) "
    if detail and entry.requester is not None:
        yield f"  Requester: {entry.requester} Request ID: {entry.request_id}"


_BRIEF = """\
****************************************************************************
    NOTE: Link-Local, No-socket and Incomplete entries are not displayed
****************************************************************************
Legend: Type --> S - Static, D - Dynamic
        Flags --> u - unique, r - registered, e - temporary, c - claimed
        a - authoritative, t - route
============================================================================

Intf     NextHop Address                                    NBMA Address
         Target Network                              T/Flag
-------- ------------------------------------------- ------ ----------------""".splitlines()


def show_brief(context: Context, interface: str = "") -> Iterator[str]:
    """`show ip nhrp brief`."""
    style = context.device.image.style(NhrpStyle)
    if style.long_entries:
        yield from _BRIEF
    else:
        yield "   Target             Via            NBMA           Mode   Intfc   Claimed "
    for engine in engines(context, interface):
        for entry in entries(engine):
            if entry.local or entry.origin is Origin.INCOMPLETE:
                continue
            if not style.long_entries:
                claimed = f"< {entry.claimed or ''}" + " " * (16 - len(str(entry.claimed or ""))) + ">"
                yield (
                    f"{entry.network!s:>18} {entry.next_hop!s:<15} {entry.nbma!s:<15} {entry.origin.value:<8}"
                    f" {short_name(engine.interface):<6} {claimed}"
                )
                continue
            flags = "u" * entry.unique + "r" * entry.registered + "c" * (entry.claimed is not None)
            flags += "t" * (entry.rib or entry.nho)
            kind = f"{entry.origin.value[0].upper()}/{flags}"
            yield f"{short_name(engine.interface):<8} {entry.next_hop!s:<50} {entry.nbma}"
            yield f"{'':8} {entry.network!s:<43} {kind:<6}"


def show_servers(context: Context, interface: str = "", detail: bool = False) -> Iterator[str]:
    """`show ip nhrp nhs [INTERFACE] [detail]`."""
    running = engines(context, interface)
    now, style = context.device.now, context.device.image.style(NhrpStyle)
    if style.long_entries:
        yield "Legend: E=Expecting replies, R=Responding, W=Waiting"
    else:
        yield "Legend: E=Expecting replies, R=Responding"
    for engine in running:
        if not engine.servers:
            continue
        yield f"{engine.interface}:"
        for server in engine.servers.values():
            yield f"{server_line(engine, server, style)}{_counts(server, now) if detail else ''}"
    if not detail:
        return
    late = [
        (engine, server)
        for engine in running
        for server in engine.servers.values()
        if server.waiting and server.nbma is not None
    ]
    if not late:
        return
    yield ""
    yield ""
    yield "Pending Registration Requests:"
    for engine, server in late:
        left = f"expires in {hms((server.due or now) - now)}" if (server.due or now) > now else "expired"
        yield (
            f"Registration Request: Reqid {server.request_id}, Ret {server.retry:.0f}  NHS {server.address} "
            f"{left} ({short_name(engine.interface)})"
        )


def server_line(engine: Engine, server: Server, style: NhrpStyle) -> str:
    """One server with its state."""
    state = f"{server.current[0]:>2}"
    line = f"{server.address}  {state}  "
    if not style.long_entries:
        return line.rstrip()
    settings = engine.settings.servers[server.address]
    if settings.nbma is not None:
        line += f"NBMA Address: {settings.nbma} "
    return f"{line}priority = {settings.priority} cluster = {settings.cluster}"


def show_redundancy(context: Context) -> Iterator[str]:
    """`show ip nhrp nhs redundancy`: how each server stands and stood, and what is limited in each cluster."""
    running = engines(context, "")
    yield "Legend: E=Expecting replies, R=Responding, W=Waiting"
    yield "No.  Interface Cluster      NHS   Priority Cur-State Cur-Queue Prev-State Prev-Queue"
    ranked = [
        (engine, settings, engine.servers[address])
        for engine in running
        for address, settings in sorted(
            engine.settings.servers.items(), key=lambda each: (each[1].cluster, each[1].priority)
        )
        if address in engine.servers
    ]
    for number, (engine, settings, server) in enumerate(ranked, 1):
        yield (
            f"{number:<4} {engine.interface:>9} {settings.cluster:>7} {server.address!s:>12} {settings.priority:>8} "
            f"{server.current[0]:>9} {server.current[1]:>9} {server.before[0]:>10} {server.before[1]:>10}"
        )
    yield ""
    yield "No.  Interface Cluster   Status Max-Con Total-NHS Responding Expecting Waiting Fallback"
    clusters: dict[tuple[str, int], list[Server]] = {}
    for engine, settings, server in ranked:
        clusters.setdefault((engine.interface, settings.cluster), []).append(server)
    limits = {engine.interface: engine.settings for engine in running}
    for number, ((interface, cluster), servers) in enumerate(clusters.items(), 1):
        most = limits[interface].max_connections.get(cluster)
        letters = [each.current[0] for each in servers]
        yield (
            f"{number:<4} {interface:>9} {cluster:>7} {'Disable' if most is None else 'Enable':>8} "
            f"{'Not Set' if most is None else most:>7} {len(servers):>9} {letters.count('RE'):>10} "
            f"{letters.count('E'):>9} {letters.count('W'):>7} {limits[interface].fallback:>8.0f}"
        )


def _counts(server: Server, now: float) -> str:
    ago = f" ({hms(now - server.last_reply)} ago)" if server.last_reply is not None else ""
    return f"  req-sent {server.sent}  req-failed {server.failed}  repl-recv {server.replies}{ago}"


def show_multicast(context: Context, interface: str = "") -> Iterator[str]:
    """`show ip nhrp multicast`."""
    yield "  I/F     NBMA address"
    for engine in engines(context, interface):
        for nbma, learned in engine.multicast_entries():
            flags = "dynamic" if learned else "static"
            yield f"{engine.interface:<10} {nbma!s:<15} Flags: {flags:<16} (Enabled)"


def show_summary(context: Context) -> Iterator[str]:
    """`show ip nhrp summary`."""
    every = [entry for engine in engines(context) for entry in engine.cache]
    ends = "y" if len(every) == 1 else "ies"
    yield f"IP NHRP cache {len(every)} entr{ends}, {len(every) * ENTRY_MEMORY} bytes"
    yield f"    {_counted(every)}"
    remote = [each for each in every if not each.local]
    rib = [each for each in remote if each.rib]
    nho = sum(each.nho for each in rib)
    yield f"{len(remote)} Remote"
    yield f"    {_counted(remote)}"
    yield f"    {sum(each.host and each.origin is Origin.DYNAMIC for each in remote)} nhop     0 bfd"
    yield "    0 default  0 temporary"
    yield f"    {len(rib)} route"
    yield f"        {len(rib)} rib ({len(rib) - nho} H    {nho} nho)"
    yield "        0 bgp"
    yield "    0 lfib"
    local = [each for each in every if each.local]
    yield f"{len(local)} Local"
    yield f"    {_counted(local)}"
    yield "    0 lfib"


def _counted(chosen: Iterable[Entry]) -> str:
    of = [each.origin for each in chosen]
    return (
        f"{of.count(Origin.STATIC)} static   {of.count(Origin.DYNAMIC)} dynamic    "
        f"{of.count(Origin.INCOMPLETE)} incomplete"
    )


def show_traffic(context: Context, interface: str = "") -> Iterator[str]:
    """`show ip nhrp traffic`."""
    kinds = list(KINDS)
    for engine in engines(context, interface):
        yield f"{engine.interface}: Max-send limit:10000Pkts/10Sec, Usage:0%"
        for word, counts, suppressed in (
            ("Sent", engine.sent, engine.suppressed),
            ("Rcvd", engine.received, 0),
        ):
            yield f"   {word}: Total {sum(counts[kind] for kind in kinds)}"
            rows = [f"{counts[kind]} {KINDS[kind]}  " for kind in kinds]
            rows.append(f"{suppressed} Redirect Suppress  ")
            for at in range(0, len(rows), 3):
                yield " " * 9 + "".join(rows[at : at + 3])


def show_redirect(context: Context, interface: str = "") -> Iterator[str]:
    """`show ip nhrp redirect`: the pairs of hosts whose senders were told of a shorter way."""
    rows = [
        (engine, source, destination, left)
        for engine in engines(context, interface)
        for source, destination, left in engine.told(context.device.now)
    ]
    if not rows:
        return
    yield "I/F     NBMA address    Destination     Drop Count   Expiry"
    for engine, source, destination, left in rows:
        yield f"{short_name(engine.interface):<7} {source!s:<15} {destination!s:<15} {0:<12} {hms(left)}"
