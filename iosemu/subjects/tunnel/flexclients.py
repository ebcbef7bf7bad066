"""FlexVPN clients: a tunnel tries the peers of its client profile in turn (`tunnel destination dynamic`)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.box.service import Service
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError
from iosemu.ip.config import primary_address
from iosemu.subjects.crypto.config.flexvpn import FlexClient, FlexConfig, Tracking
from iosemu.subjects.crypto.service.engine import CryptoEngine
from iosemu.subjects.hosts.lookup import resolve
from iosemu.subjects.routing.following import FollowedObjects
from iosemu.subjects.routing.tracking import tracked
from iosemu.subjects.tunnel.config import Tunnel
from iosemu.subjects.tunnel.service import Tunnels

PAUSE = 5.0
"""Seconds between a peer that failed and the next."""


class ClientState(Enum):
    """As the show has them."""

    IDLE = "CONNECT_REQUIRED"
    """It waits to be told to connect, or lacks a tunnel or a peer."""
    NEGOTIATING = "NEGOTIATION"
    ACTIVE = "ACTIVE"


@dataclass(slots=True)
class Running:
    """One client at work."""

    state: ClientState = ClientState.IDLE
    number: int = 0
    """Of the peer that is tried, or has been got; 0: there is none."""
    told: bool = False
    """`crypto ikev2 client flexvpn connect`."""
    tunnel: str | None = None
    """The tunnel that has got a far end."""


class FlexClients(Service):
    """The clients of a router."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.running: dict[str, Running] = {}
        self._followed = FollowedObjects(
            device, "FlexVPN client 0", lambda number, _up: self._object_changed(number)
        )

    def start(self) -> None:
        """Be told when SAs came, went or could not be had."""
        tunnels = self.device.service(Tunnels)
        tunnels.watchers.append(self._watch)
        tunnels.losers.append(self._failed)

    @property
    def configs(self) -> dict[str, FlexClient]:
        """What is configured."""
        found: dict[str, FlexClient] = self.device.config.of(FlexConfig).clients
        return found

    def peer(self, name: str) -> IPv4Address | None:
        """The peer that a client is at."""
        client, running = self.configs.get(name), self.running.get(name)
        if client is None or running is None or running.state is ClientState.IDLE:
            return None
        return self._addresses(client).get(running.number)

    def _addresses(self, client: FlexClient) -> dict[int, IPv4Address]:
        """The peers of a client that have an address now, by number."""
        return {
            number: address
            for number, peer in sorted(client.peers.items())
            if (address := resolve(self.device, peer.where)) is not None
        }

    def _usable(self, name: str, client: FlexClient) -> dict[int, IPv4Address]:
        """Those that may be tried: as tracked objects and the clients of the same group say."""
        taken = {
            self.peer(other)
            for other, config in self.configs.items()
            if other != name
            and client.backup_group is not None
            and config.backup_group == client.backup_group
        }
        return {
            number: address
            for number, address in self._addresses(client).items()
            if address not in taken and self._holds(client.peers[number].track)
        }

    def _holds(self, tracking: Tracking | None) -> bool:
        return tracking is None or tracked(self.device, tracking.number) is tracking.up

    def _wants(self, client: FlexClient, running: Running) -> bool:
        """Whether a client is to be connected."""
        if client.track is not None:
            return self._holds(client.track)
        return not client.manual or running.told

    def changed(self) -> None:
        """Clients were configured."""
        self.device.soon(self._fit)

    def interface_added(self, interface: Interface) -> None:
        """It may be the tunnel of a client."""
        self.device.soon(self._fit)

    def interface_configured(self, interface: Interface) -> None:
        """It may be dynamic now."""
        self.device.soon(self._fit)

    def interface_removed(self, interface: Interface) -> None:
        """It may have been the tunnel of a client."""
        self.device.soon(self._fit)

    def protocol_changed(self, interface: Interface) -> None:
        """It may be a source of a client."""
        self.addresses_changed(interface)

    def addresses_changed(self, interface: Interface) -> None:
        """It may be a source of a client."""
        ports = (each.port for client in self.configs.values() for each in client.sources.values())
        if interface.name in ports:
            self.device.soon(self._fit)

    def connect(self, name: str) -> None:
        """Connect a client that waits."""
        self.running.setdefault(name, Running()).told = True
        self._fit()

    def clear(self, name: str) -> None:
        """End a client's session; one that connects by itself begins anew with its first peer."""
        running = self.running.get(name)
        if running is None:
            return
        peer = self.peer(name)
        running.told, running.number = False, 0
        if running.tunnel is not None:
            self._point(running, running.tunnel, None)
        if peer is not None:
            self.device.service(CryptoEngine).clear_ikev2(peer=peer)
        self._fit()

    def _object_changed(self, number: int) -> None:
        """A peer may be usable again, or not any more: who goes back to earlier ones begins with the first."""
        for name, client in self.configs.items():
            running = self.running.get(name)
            peers = (each.track for each in client.peers.values() if each.track is not None)
            if running is not None and client.reactivate and any(each.number == number for each in peers):
                running.number = 0
        self.device.soon(self._fit)

    def _fit(self) -> None:
        """Give the tunnels of all clients the far ends that they should have."""
        for name in list(self.running):
            running = self.running[name]
            client = self.configs.get(name)
            if running.tunnel is not None and (client is None or client.tunnel != running.tunnel):
                self._point(running, running.tunnel, None)
            if client is None:
                del self.running[name]
        self._followed.set(number for client in self.configs.values() for number in client.tracked)
        for name, client in self.configs.items():
            running = self.running.setdefault(name, Running())
            self._take_source(client)
            tunnel = self._tunnel(client)
            wanted = None
            rooted = tunnel is not None and not (tunnel.source_dynamic and tunnel.source is None)
            if rooted and self._wants(client, running):
                usable = self._usable(name, client)
                if running.number not in usable or (
                    client.reactivate and running.state is ClientState.ACTIVE
                ):
                    running.number = next(iter(usable), 0)
                wanted = usable.get(running.number)
            if client.tunnel is not None and tunnel is not None and tunnel.destination != wanted:
                self._point(running, client.tunnel, wanted)
            if tunnel is None:
                running.state, running.tunnel = ClientState.IDLE, None

    def _take_source(self, client: FlexClient) -> None:
        """Have the packets of a client's tunnel come from the first source that can be used now."""
        tunnels, crypto = self.device.service(Tunnels), self.device.service(CryptoEngine)
        tunnel = tunnels.get(client.tunnel) if client.tunnel is not None else None
        interface = self.device.interfaces.get(client.tunnel or "")
        if tunnel is None or interface is None or not tunnel.source_dynamic:
            return
        usable = (each for _number, each in sorted(client.sources.items()) if self._holds(each.track))
        wanted = next((each.port for each in usable if self._lives(each.port)), None)
        if tunnel.source == wanted:
            return
        tunnel.source = wanted
        peer = self.peer(client.name)
        crypto.forget(interface.name)
        if peer is not None:
            crypto.clear_ikev2(peer=peer)
        tunnels.interface_configured(interface)

    def _lives(self, port: str) -> bool:
        """Whether an interface is up, with an address."""
        found = self.device.interfaces.get(port)
        return found is not None and found.protocol_up and primary_address(found.config) is not None

    def _tunnel(self, client: FlexClient) -> Tunnel | None:
        """The tunnel of a client, if its far end is for the client to choose."""
        found = self.device.service(Tunnels).get(client.tunnel) if client.tunnel is not None else None
        return found if found is not None and found.dynamic else None

    def _point(self, running: Running, name: str, peer: IPv4Address | None) -> None:
        """Let a tunnel have another far end."""
        tunnels = self.device.service(Tunnels)
        tunnel, interface = tunnels.get(name), self.device.interfaces.get(name)
        running.tunnel = name if peer is not None else None
        running.state = ClientState.NEGOTIATING if peer is not None else ClientState.IDLE
        if tunnel is None or interface is None or not tunnel.dynamic:
            return
        tunnel.destination = peer
        self.device.service(CryptoEngine).forget(name)
        tunnels.interface_configured(interface)

    def _watch(self) -> None:
        """SAs may have come or gone."""
        tunnels = self.device.service(Tunnels)
        for name, running in self.running.items():
            if running.tunnel is None:
                continue
            if tunnels.has_sas(running.tunnel):
                running.state = ClientState.ACTIVE
            elif running.state is ClientState.ACTIVE:
                self._next(name)

    def _failed(self, tunnel: str) -> None:
        """A negotiation failed."""
        for name, running in self.running.items():
            if running.tunnel == tunnel and running.state is ClientState.NEGOTIATING:
                self._next(name)

    def _next(self, name: str) -> None:
        """The next peer has its turn."""
        running = self.running[name]
        client = self.configs.get(name)
        running.state = ClientState.NEGOTIATING
        usable = list(self._usable(name, client)) if client is not None else []
        if len(usable) > 1 or usable[:1] != [running.number]:
            later = [number for number in usable if number > running.number]
            running.number = next(iter([*later, *usable]), 0)
            # peers that refuse at once must not be asked without a pause
            self.device.scheduler.after(PAUSE, self._fit)


def named_clients(context: Context, name: str | None) -> list[str]:
    """The client of a name, or all of them; CommandError when there is none."""
    clients = context.device.config.of(FlexConfig).clients
    if name is not None and name not in clients:
        raise CommandError(f"% FlexVPN client {name} does not exist")
    return [name] if name is not None else list(clients)
