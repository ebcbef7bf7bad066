"""`debug ip rip`: what the engine noted, in IOS's words (outputs/debug_ip_rip)."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.routing.rip import Command, Ignored, Received, Sending
from iosemu.routing.rip.database import major
from iosemu.routing.rip.events import Collected, Stored
from iosemu.routing.rip.packets import INFINITY, Entry
from iosemu.subjects.rip.config import DATABASE_DEBUG, EVENTS_DEBUG, PROTOCOL_DEBUG

DEBUG = 7


def trace(device: Device, event: Sending | Received | Ignored | Stored | Collected) -> None:
    """Write what happened, as far as it is asked for."""
    if isinstance(event, Stored | Collected):
        if device.debugging.on(DATABASE_DEBUG):
            for line in _database(event):
                device.log("", DEBUG, "", line)
        return
    protocol, events = device.debugging.on(PROTOCOL_DEBUG), device.debugging.on(EVENTS_DEBUG)
    if not protocol and not events:
        return
    if isinstance(event, Ignored):
        text = f"RIP: ignored v{event.version} packet from {event.source} ({event.reason})"
        device.log("", DEBUG, "", text)
        return
    lines = _sending(event, protocol, events) if isinstance(event, Sending) else _received(event, protocol)
    for line in lines:
        device.log("", DEBUG, "", line)


def _database(event: Stored | Collected) -> Iterator[str]:
    if isinstance(event, Collected):
        yield f"RIP-DB: garbage collect {event.network}"
        return
    way = f"{event.network} (metric {event.metric}) via {event.gateway} on {event.interface}"
    yield f"RIP-DB: network_update with {event.network} succeeds"
    yield f"RIP-DB: adding {way} to RIP database"
    yield f"RIP-DB: add {way}"
    if event.new:
        yield f"RIP-DB: Adding new rndb entry {event.network}"


def _sending(event: Sending, protocol: bool, events: bool) -> Iterator[str]:
    message, via = event.message, f"via {event.interface} ({event.source})"
    if message.command is Command.REQUEST:
        yield f"RIP: sending request on {event.interface} to {event.destination}"
        return
    kind = "flash update" if event.triggered else "update"
    yield f"RIP: sending v{message.version} {kind} to {event.destination} {via}"
    if protocol:
        yield "RIP: build update entries" if not event.triggered else "RIP: build flash update entries"
        for each in message.entries:
            yield _told(each, message.version)
    if events:
        yield f"RIP: Update contains {len(message.entries)} routes"
        yield "RIP: Update queued"
        yield f"RIP: Update sent via {event.interface}"


def _told(entry: Entry, version: int) -> str:
    if version == 1:
        kind = "network" if major(entry.address).network_address == entry.address else "subnet"
        return f"\t{kind} {entry.address} metric {entry.metric}"
    return f"\t{_network(entry)} via {entry.next_hop}, metric {entry.metric}, tag {entry.tag}"


def _received(event: Received, protocol: bool) -> Iterator[str]:
    message = event.message
    if message.command is Command.REQUEST:
        yield f"RIP: received v{message.version} request from {event.source} on {event.interface}"
        return
    yield f"RIP: received v{message.version} update from {event.source} on {event.interface}"
    if not protocol:
        yield f"RIP: Update contains {len(message.entries)} routes"
        return
    for each in message.entries:
        hops = f"{each.metric} hops" + (" (inaccessible)" if each.metric >= INFINITY else "")
        if message.version == 1:
            yield f"     {each.address} in {hops}"
        else:
            yield f"     {_network(each)} via {each.next_hop} in {hops}"


def _network(entry: Entry) -> str:
    return f"{entry.address}/{int(entry.mask).bit_count()}"
