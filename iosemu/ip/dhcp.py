"""DHCP clients on the interfaces that are told to get their address so (RFC 2131 section 4.4)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from ipaddress import IPv4Address, IPv4Network

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.box.service import Service
from iosemu.ip.config import IpSettings
from iosemu.ip.stack import IpStack
from iosemu.net.dhcp.client import EVERYBODY, Bound, ClientEvent, DhcpClient, Lease, Lost, Outgoing
from iosemu.net.routing import Route, RouteSource
from iosemu.net.scheduler import Timer
from iosemu.net.signal import Signal
from iosemu.packets.dhcp import CLIENT_PORT, SERVER_PORT, DhcpMessage, Option, Options
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.packets.udp import UdpDatagram

CHECKED = 3.0
"""Seconds after the gratuitous ARP for a new address in which an answer means that somebody has it already."""
DEFAULT_ROUTE = IPv4Network("0.0.0.0/0")


Listener = Callable[[str, DhcpMessage], None]
"""Is told of a message that came in by an interface."""


class AddressClients(Service):
    """A client for each interface with `IpSettings.dhcp`; a subclass says what its box sends and how it tells of it.

    The address goes into `IpSettings.address`, where everything looks for it.
    """

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.clients: dict[str, DhcpClient] = {}
        self.settled = Signal()
        """Some client got or lost something."""
        self._listeners: dict[str, list[Listener]] = {}
        """Who else has asked for an address, by interface."""
        self._timers: dict[str, Timer] = {}
        self._bound_at: dict[str, float] = {}
        """When each interface got the address that it has."""
        self._led: dict[str, tuple[IPv4Address | None, int | None]] = {}
        """The default route of each: the router and the distance."""

    # --- what a box says for itself --------------------------------------------------------------------

    def make(self, interface: Interface) -> DhcpClient:
        """A client that introduces itself as this box does."""
        return DhcpClient(interface.mac, self.options(interface), self.device.rng.random)

    def options(self, interface: Interface) -> Options:
        """What each of its requests says."""
        return ()

    def distance(self, interface: Interface) -> int | None:
        """The administrative distance of the default route by the server's router; None: there is to be none."""
        return 254

    def assigned(self, interface: Interface, lease: Lease, renewed: bool) -> None:
        """An interface has an address."""

    def lost(self, interface: Interface, lease: Lease) -> None:
        """It has it no more."""

    def noted(self, interface: Interface, event: ClientEvent) -> None:
        """Something happened that debugging may tell."""

    # --- life ------------------------------------------------------------------------------------------

    def stop(self) -> None:
        """Power goes: the leases are forgotten, as nothing keeps them."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        for name in self.clients:
            self.device.interfaces[name].config.of(IpSettings).address = None

    def start(self) -> None:
        """Power came."""
        self.device.service(IpStack).arp.duplicates.append(self._duplicate)

    def _duplicate(self, interface: Interface, address: IPv4Address) -> None:
        """Somebody answers to the address that was just given: it is declined (RFC 2131 section 4.4.1)."""
        client = self.clients.get(interface.name)
        if client is None or client.lease is None or client.lease.address.ip != address:
            return
        if self.device.now - self._bound_at.get(interface.name, 0.0) <= CHECKED:
            self.device.scheduler.after(0.0, partial(self._decline, interface, client))

    def _decline(self, interface: Interface, client: DhcpClient) -> None:
        client.decline(self.device.now)
        self._settle(interface, client)

    def interface_configured(self, interface: Interface) -> None:
        """It may have been told to begin or to stop."""
        settings = interface.config.of(IpSettings)
        client = self.clients.get(interface.name)
        if settings.dhcp and client is None:
            self._begin(interface)
        elif not settings.dhcp and client is not None:
            self.give_up(interface.name)

    def interface_removed(self, interface: Interface) -> None:
        """Nothing is sent any more."""
        client = self.clients.pop(interface.name, None)
        if client is not None:
            client.stop()
            self._settle(interface, client)
            self._no_more(interface)

    def protocol_changed(self, interface: Interface) -> None:
        """Ask, or ask again, when the line comes; keep quiet while it is gone."""
        client = self.clients.get(interface.name)
        if client is None:
            return
        if interface.protocol_up:
            client.resume(self.device.now)
        else:
            client.pause()
        self._settle(interface, client)

    def give_up(self, name: str) -> None:
        """Give the address of an interface back and end its client: `IpSettings.dhcp` is over."""
        client, interface = self.clients.pop(name, None), self.device.interfaces[name]
        interface.config.of(IpSettings).dhcp = False
        if client is None:
            return
        client.release(self.device.now)
        self._settle(interface, client)
        self._no_more(interface)

    def introduce(self, interface: Interface, options: Options) -> None:
        """Let the client say this of itself; as somebody else it gives its address back and asks again."""
        client = self.clients[interface.name]
        identifiers = [dict(each).get(Option.CLIENT_IDENTIFIER) for each in (client.options, options)]
        if identifiers[0] == identifiers[1]:
            client.options = options
            return
        client.release(self.device.now)
        client.options = options
        if interface.protocol_up:
            client.start(self.device.now)
        else:
            client.stop()
        self._settle(interface, client)

    def release(self, name: str) -> bool:
        """Give the address back and ask for none until `renew`; False: there is none."""
        client = self.clients.get(name)
        if client is None or client.lease is None:
            return False
        client.release(self.device.now)
        self._settle(self.device.interfaces[name], client)
        return True

    def renew(self, name: str) -> bool:
        """Ask for more time, or for an address; False: no client runs there."""
        client, interface = self.clients.get(name), self.device.interfaces[name]
        if client is None:
            return False
        client.renew(self.device.now)
        if not interface.protocol_up:
            client.pause()
        self._settle(interface, client)
        return True

    def listen(self, name: str, listener: Listener) -> None:
        """Hear what servers answer by an interface, whoever asked; `unlisten` ends it."""
        self._listeners.setdefault(name, []).append(listener)
        self._open_port()

    def unlisten(self, name: str, listener: Listener) -> None:
        """Hear no more; harmless where nobody listens."""
        found = self._listeners.get(name, [])
        if listener in found:
            found.remove(listener)
        if not found:
            self._listeners.pop(name, None)
        self._open_port()

    def _open_port(self) -> None:
        """The port of clients is open while there are any."""
        wanted = bool(self.clients or self._listeners)
        self.device.service(IpStack).bind_udp(CLIENT_PORT, self._receive if wanted else None, vrf=None)

    def _begin(self, interface: Interface) -> None:
        stack = self.device.service(IpStack)
        client = self.clients[interface.name] = self.make(interface)
        self._open_port()
        stack.acquiring.add(interface.name)
        if interface.protocol_up:
            client.start(self.device.now)
            self._settle(interface, client)

    def _no_more(self, interface: Interface) -> None:
        stack = self.device.service(IpStack)
        stack.acquiring.discard(interface.name)
        timer = self._timers.pop(interface.name, None)
        if timer is not None:
            timer.cancel()
        self._open_port()

    # --- messages --------------------------------------------------------------------------------------

    def _receive(self, _packet: IPv4Packet, datagram: UdpDatagram, name: str) -> None:
        client = self.clients.get(name)
        if client is None and name not in self._listeners:
            return
        try:
            message = DhcpMessage.parse(datagram.payload)
        except MalformedPacket:
            return
        for listener in list(self._listeners.get(name, ())):
            listener(name, message)
        if client is None:
            return
        client.receive(message, self.device.now)
        self._settle(self.device.interfaces[name], client)

    def _settle(self, interface: Interface, client: DhcpClient) -> None:
        """Carry out what a client left."""
        for each in client.outgoing():
            self.send(interface, each)
        for event in client.events():
            self.noted(interface, event)
            if isinstance(event, Bound):
                self._bound(interface, event)
            elif isinstance(event, Lost):
                self._unbound(interface, event.lease)
        self._arm(interface, client)
        self.settled.emit()

    def send(self, interface: Interface, each: Outgoing) -> None:
        """Send a message of a client on an interface."""
        stack = self.device.service(IpStack)
        data = UdpDatagram(CLIENT_PORT, SERVER_PORT, each.message.to_bytes())
        octets = data.to_bytes(each.source, each.destination)
        packet = IPv4Packet(each.source, each.destination, Protocol.UDP, octets, stack.ttl)
        stack.counters.udp_sent += 1
        stack.send(packet, interface=interface.name if each.destination == EVERYBODY else None)

    def _arm(self, interface: Interface, client: DhcpClient) -> None:
        timer = self._timers.pop(interface.name, None)
        if timer is not None:
            timer.cancel()
        due = client.next_timer()
        if due is not None and self.clients.get(interface.name) is client:
            tick = partial(self._tick, interface, client)
            self._timers[interface.name] = self.device.scheduler.at(due, tick)

    def _tick(self, interface: Interface, client: DhcpClient) -> None:
        client.tick(self.device.now)
        self._settle(interface, client)

    # --- the address -----------------------------------------------------------------------------------

    def _bound(self, interface: Interface, event: Bound) -> None:
        stack, lease, name = self.device.service(IpStack), event.lease, interface.name
        settings = interface.config.of(IpSettings)
        if settings.address != lease.address:
            settings.address = lease.address
            interface.address_method = "DHCP"
            self._bound_at[name] = self.device.now
            self.device.interface_configured(name)
        self.lead(interface)
        hop = stack.vrf_of(name).hop(lease.server)
        if hop is not None and hop.interface == name:
            stack.arp.ask(interface, hop.next_hop or lease.server)  # so that a release need not wait for ARP
        self.assigned(interface, lease, event.renewed)

    def lead(self, interface: Interface) -> None:
        """Set, or take away, the default route by the router that a server told of."""
        client = self.clients.get(interface.name)
        lease = client.lease if client is not None else None
        if lease is None:
            return
        distance = self.distance(interface)
        gateway = next((each for each in lease.routers if each in lease.address.network), None)
        if self._led.get(interface.name) == (gateway, distance):
            return
        self._led[interface.name] = (gateway, distance)
        routes = []
        if gateway is not None and distance is not None:
            routes = [
                Route(DEFAULT_ROUTE, RouteSource.STATIC, None, gateway, distance, updated=self.device.now)
            ]
        vrf = self.device.service(IpStack).vrf_of(interface.name)
        vrf.set_static_routes(("dhcp", interface.name), routes)

    def _unbound(self, interface: Interface, lease: Lease) -> None:
        settings, name = interface.config.of(IpSettings), interface.name
        self._led.pop(name, None)
        for vrf in self.device.service(IpStack).vrfs.values():
            vrf.set_static_routes(("dhcp", name), ())
        if settings.address == lease.address:
            settings.address = None
            if name in self.device.interfaces:
                self.device.interface_configured(name)
        self.lost(interface, lease)
