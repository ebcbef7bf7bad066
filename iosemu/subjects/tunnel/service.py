"""Tunnel interfaces: GRE (RFC 2784), IPsec virtual tunnel interfaces, and the protection of both."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.interface_types import sort_key
from iosemu.box.interfaces import ByName
from iosemu.box.service import Service
from iosemu.ike.types import Identity
from iosemu.ip.config import IpSettings, ip_mtu, primary_address
from iosemu.ip.stack import IpStack
from iosemu.ip.vrf import Vrf
from iosemu.net.routing import Route
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.subjects.crypto.config.maps import CryptoMap, CryptoMapEntry
from iosemu.subjects.crypto.config.smart_defaults import ipsec_profile
from iosemu.subjects.crypto.service.engine import CryptoEngine
from iosemu.subjects.crypto.service.flow import CryptoFlow
from iosemu.subjects.crypto.service.tunnels import Visitor
from iosemu.subjects.tunnel.carriage import Carriage
from iosemu.subjects.tunnel.client_access import ClientAccess
from iosemu.subjects.tunnel.clones import ACCESS, TEMPLATE, Clones
from iosemu.subjects.tunnel.config import Tunnel, TunnelMode
from iosemu.subjects.tunnel.facing import Facing
from iosemu.subjects.tunnel.index import TunnelIndex
from iosemu.subjects.tunnel.lines import Lines
from iosemu.subjects.tunnel.multipoint import FarEnds, NoFarEnds
from iosemu.subjects.tunnel.protection import MAP_SEQUENCE, protecting

IP_IN_IP = 4
"""RFC 2003."""


class Tunnels(Service):
    """The tunnel interfaces of a router."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self._configs: ByName[InterfaceConfig] = ByName()
        """Those of the tunnel interfaces."""
        self.index = TunnelIndex()
        self._maps: dict[str, CryptoMap | None] = {}
        """What stands for the crypto maps of those with one far end, as far as that was asked for."""
        self._addresses: dict[str, tuple[IPv4Address, ...]] = {}
        """The addresses of each interface as they were last told."""
        self._holders: dict[IPv4Address, int] = {}
        """How many interfaces have each of these."""
        self.far_ends: FarEnds = NoFarEnds()
        """Who knows where the packets of multipoint tunnels go."""
        self._facing = Facing(device, self)
        self.carriage = Carriage(device, self)
        self.lines = Lines(device, self)
        self.watchers: list[Callable[[], None]] = []
        """Told when the tunnels were looked at."""
        self.losers: list[Callable[[str], None]] = []
        """Told the name of a tunnel whose SAs could not be had."""
        self.clones = Clones(device, self._interface, lambda name: self.lines.look_again((name,)))
        """Interfaces made from virtual templates."""
        self.client_access = ClientAccess(device, self._interface)
        """Those of Easy VPN clients."""

    # --- questions -----------------------------------------------------------------------------------

    def all(self) -> Iterator[tuple[str, Tunnel]]:
        """Names and settings of the tunnel interfaces."""
        for name, config in self._configs.items():
            tunnel = config.held(Tunnel)
            if tunnel is not None:
                yield name, tunnel

    def get(self, name: str) -> Tunnel | None:
        """The settings of an interface that is a tunnel."""
        config = self.device.config.interfaces.get(name)
        return config.held(Tunnel) if config is not None else None

    def source_of(self, name: str) -> IPv4Address | None:
        """The address that a tunnel's packets come from."""
        tunnel = self.get(name)
        if tunnel is None or tunnel.source is None or isinstance(tunnel.source, IPv4Address):
            return tunnel.source if tunnel is not None and isinstance(tunnel.source, IPv4Address) else None
        config = self.device.config.interfaces.get(tunnel.source)
        return primary_address(config)

    def transport_interface(self, name: str) -> str | None:
        """The interface that a tunnel's packets leave by."""
        tunnel = self.get(name)
        destination = tunnel.destination if tunnel is not None else None
        outside = self.outside(tunnel) if tunnel is not None else None
        if tunnel is not None and tunnel.multipoint and outside is not None:
            source = self.source_of(name)
            here = outside.interface_of(source) if source is not None else None
            return here.name if here is not None else None
        hop = outside.hop(destination) if outside is not None and destination is not None else None
        return hop.interface if hop is not None and hop.interface in self.device.config.interfaces else None

    def transport_mtu(self, name: str) -> int:
        """The MTU of the interface that a tunnel's packets leave by."""
        config = self.device.config.interfaces.get(self.transport_interface(name) or "")
        return ip_mtu(config) if config is not None else 1500

    def front(self, name: str) -> str:
        """The routing instance of a tunnel's packets, empty for the default one."""
        tunnel = self.get(name)
        return tunnel.vrf if tunnel is not None else ""

    def outside(self, tunnel: Tunnel) -> Vrf | None:
        """The routing instance that a tunnel's packets are in; None: it is not there."""
        return self.device.service(IpStack).find_vrf(tunnel.vrf)

    # --- IPsec ---------------------------------------------------------------------------------------

    def any(self) -> bool:
        """Whether any tunnel has an IPsec profile that exists."""
        return self.clones.any_template() or any(self.map_of(name) is not None for name in self._protected())

    def _protected(self) -> Iterator[str]:
        """The tunnels that may have something that stands for a crypto map."""
        yield from self.index.protected
        yield from self.client_access

    def map_of(self, name: str) -> CryptoMap | None:
        """The crypto map that a tunnel's protection amounts to; None without one."""
        tunnel = self.get(name)
        if tunnel is not None and name in self.clones:
            return self.clones.map_of(name, tunnel)
        if name in self.client_access:
            return self.device.service(CryptoEngine).ezvpn.map_of(name)
        if tunnel is not None and tunnel.multipoint:
            return self._facing.map_of(name)
        if tunnel is None or tunnel.protection is None:
            return None
        if name not in self._maps:
            self._maps[name] = self._map(name, tunnel)
        return self._maps[name]

    def _map(self, name: str, tunnel: Tunnel) -> CryptoMap | None:
        source = self.source_of(name)
        if tunnel.protection is None or source is None or name.startswith(TEMPLATE):
            return None
        profile = ipsec_profile(self.device, tunnel.protection)
        return protecting(name, tunnel, source, profile) if profile is not None else None

    def is_clone(self, name: str) -> bool:
        """Whether an interface was made from a template."""
        return name in self.clones

    def template_entry(self, visitor: Visitor) -> CryptoMapEntry | None:
        """What an interface made for a peer would protect; None: there is no such template."""
        return self.clones.entry(visitor)

    def admit(self, visitor: Visitor) -> tuple[str, CryptoMapEntry] | None:
        """The interface of a peer, made from the template when it is new, and what it protects."""
        name = self.clones.admit(visitor)
        entry = self.clones.entry_of(name) if name is not None else None
        return (name, entry) if name is not None and entry is not None else None

    def interface_for(self, local: IPv4Address, peer: IPv4Address, identity: Identity | None) -> str | None:
        """The interface that was made for a peer."""
        return self.clones.interface_for(local, peer, identity)

    def make_access(self, template: int, outside: str) -> str | None:
        """An interface for an Easy VPN client on `outside`, from a template or (0) from none; None: no such one."""
        return self.client_access.make(template, outside)

    def point_access(self, name: str, destination: IPv4Address | None, *, lender: str = "") -> None:
        """Let the interface of a client have another far end, and the address of another interface."""
        self.client_access.point(name, destination, lender=lender)

    def remove_access(self, name: str) -> None:
        """Remove the interface of a client."""
        self.client_access.remove(name)

    def facing(self, name: str, peer: IPv4Address) -> CryptoMapEntry | None:
        """The entry of a protected multipoint tunnel for a far end, made when new; None for other interfaces."""
        return self._facing.entry(name, peer)

    def released(self, name: str, peer: IPv4Address) -> None:
        """Nothing goes to a far end any more: its SAs go, too."""
        self._facing.released(name, peer)

    def opened(self, name: str, packet: IPv4Packet) -> None:
        """Take a packet that came over the SAs of a virtual tunnel interface."""
        self.carriage.opened(name, packet)

    def sealed(self, name: str, packet: IPv4Packet) -> None:
        """Count a packet that left by a virtual tunnel interface."""
        self.carriage.sealed(name, packet)

    def missing(self, name: str, peer: IPv4Address) -> str:
        """What a far end lacks of its protection: `IKE` or `IPSEC`; empty: nothing, or it needs none."""
        tunnel, engine = self.get(name), self.device.service(CryptoEngine)
        if tunnel is None or tunnel.protection is None:
            return ""
        entry = self.facing(name, peer) if tunnel.multipoint else None
        flows = engine.flows_of(name, entry) if entry is not None else [self._flow(name)]
        if any(flow is not None and flow.current(self.device.now) is not None for flow in flows):
            return ""
        return "IPSEC" if engine.ike.sas.up(peer) or engine.ikev2.with_peer(peer) else "IKE"

    def ready(self, name: str, peer: IPv4Address) -> bool:
        """Whether packets can go to a far end of a multipoint tunnel now; what they lack is asked for."""
        entry = self.facing(name, peer)
        if entry is None or entry.selector is None or not entry.complete:
            return True
        engine = self.device.service(CryptoEngine)
        if any(flow.current(self.device.now) is not None for flow in engine.flows_of(name, entry)):
            return True
        engine.requests.ask(engine.flow(name, entry, entry.selector))
        return False

    def maps_towards(self, peer: IPv4Address) -> Iterator[tuple[str, CryptoMap]]:
        """Tunnels that are protected, with what of their crypto map may concern a peer."""
        for name in self.index.towards(peer):
            tunnel = self.get(name)
            if tunnel is None or name in self.clones or name in self.client_access or self._shut(name):
                continue  # its peer comes by the template, or is that of a client, or may not come
            if not tunnel.multipoint:
                found = self.map_of(name)
                if found is not None:
                    yield name, found
                continue
            entry = self.facing(name, peer)
            if entry is not None:
                yield name, CryptoMap(entry.name, {entry.sequence: entry})

    def maps(self) -> Iterator[tuple[str, CryptoMap]]:
        """Tunnels that are protected, with what stands for their crypto map."""
        for name in sorted(self.index.protected, key=sort_key):
            found = self.map_of(name) if name not in self.client_access else None
            if found is not None and not self._shut(name):
                yield name, found

    def _shut(self, name: str) -> bool:
        """Whether a tunnel is shut down: it wants nothing of IPsec then, and answers nobody."""
        interface = self.device.interfaces.get(name)
        return interface is not None and not interface.admin_up

    def entry_of(self, flow: CryptoFlow) -> CryptoMapEntry | None:
        """The entry that a tunnel's flow stands under."""
        found = self.map_of(flow.interface)
        if found is None or found.name != flow.map_name:
            return None
        return found.entries.get(flow.sequence)

    def has_sas(self, name: str) -> bool:
        """Whether what a tunnel carries is protected now; a peer that came may have asked for less than anything."""
        crypto = self.device.service(CryptoEngine)
        if name in self.client_access:
            return crypto.ezvpn.protects(name)
        if name in self.clones:
            entry = self.clones.entry_of(name)
            flows = crypto.flows_of(name, entry) if entry is not None else []
            return any(flow.current(self.device.now) is not None for flow in flows)
        flow = self._flow(name)
        return flow is not None and flow.current(self.device.now) is not None

    def ask(self, name: str) -> bool:
        """Have SAs negotiated when they are missing; True while they are. A peer that came asks for its own."""
        if name in self.clones or name in self.client_access:
            return False
        flow = self._flow(name)
        if flow is None or flow.current(self.device.now) is not None:
            return False
        self.device.service(CryptoEngine).requests.ask(flow)
        return True

    def _flow(self, name: str) -> CryptoFlow | None:
        tunnel, found = self.get(name), self.map_of(name)
        if tunnel is None or tunnel.multipoint:
            return None  # far ends ask for their SAs one by one, when something is sent to them
        entry = found.entries.get(MAP_SEQUENCE) if found is not None else None
        if entry is None or entry.selector is None or not entry.complete:
            return None
        return self.device.service(CryptoEngine).flow(name, entry, entry.selector)

    def is_vti(self, name: str) -> bool:
        """Whether an interface is an IPsec virtual tunnel interface."""
        tunnel = self.get(name)
        return tunnel is not None and tunnel.mode is TunnelMode.IPSEC

    def home(self, packet: IPv4Packet, vrf: str, *, inbound: bool = False) -> str | None:
        """The protected tunnel that an outer packet, in a routing instance, belongs to.

        A virtual tunnel interface has no outer packets but those of its SAs; of what comes from its peer, packets
        of another kind of tunnel belong to it, so that they are found to be in clear.
        """
        if packet.protocol not in (Protocol.GRE, IP_IN_IP):
            return None
        ends = (packet.source, packet.destination)
        theirs = ends[::-1] if inbound else ends
        for name in self.index.towards(theirs[1]):
            tunnel = self.get(name)
            if tunnel is None or tunnel.protection is None or tunnel.vrf != vrf:
                continue
            if tunnel.gre and packet.protocol != Protocol.GRE:
                continue
            if tunnel.mode is TunnelMode.IPSEC and not inbound:
                continue
            mine = (self.source_of(name), tunnel.destination)
            if theirs == mine or (tunnel.multipoint and theirs[0] == mine[0]):
                return name
        return None

    # --- what changes --------------------------------------------------------------------------------

    def changed(self) -> None:
        """Something that all tunnels may depend on has changed: look at all of them in a moment."""
        self._facing.look_again()
        self._maps.clear()
        self.clones.configured()
        if self._configs:
            self.lines.look_at_all()

    def _look_at(self, names: Iterable[str]) -> None:
        """What these protect, and whether they can be up, may be otherwise."""
        chosen = dict.fromkeys(names)
        for name in chosen:
            self._facing.configured(name)
            self._maps.pop(name, None)
            self.clones.configured(name)
        self.device.service(CryptoEngine).look_again(chosen)
        self.lines.look_again(chosen)

    def _note_addresses(self, interface: Interface) -> list[str]:
        """Take notice of an interface's addresses; returns the tunnels whose source it is, has or had."""
        settings = interface.config.held(IpSettings)
        held = tuple(each.ip for each in settings.addresses) if settings is not None else ()
        if interface.name not in self.device.interfaces:
            held = ()
        before = self._addresses.pop(interface.name, ())
        for address in before:
            self._holders[address] -= 1
            if not self._holders[address]:
                del self._holders[address]
        if held:
            self._addresses[interface.name] = held
        for address in held:
            self._holders[address] = self._holders.get(address, 0) + 1
        found = dict.fromkeys(self.index.sourced(interface.name))
        for address in (*before, *held):
            found.update(dict.fromkeys(self.index.sourced(address)))
        return [*found, *(each for each in self.lines.adrift if each not in found)]

    def is_configured(self, address: IPv4Address) -> bool:
        """Whether an interface is configured with an address."""
        return address in self._holders

    def _concerned(self, interface: Interface) -> list[str]:
        """The tunnels that what happens to an interface may concern: itself, and those that it is the source of."""
        own = [interface.name] if interface.name in self._configs else []
        return own + self._note_addresses(interface)

    def start(self) -> None:
        """Take GRE packets, and tell the crypto engine what is to be protected."""
        stack, crypto = self.device.service(IpStack), self.device.service(CryptoEngine)
        for kind in ("Tunnel", ACCESS):
            stack.bind_link(kind, self.carriage.send)
        stack.bind_protocol(Protocol.GRE, self.carriage.receive, every_vrf=True)
        stack.route_listeners.append(self._route_changed)
        crypto.protected = self

    def creatable(self) -> Mapping[str, tuple[int, int]]:
        """Tunnels, and templates of those that are made for peers."""
        return {"Tunnel": (0, 2147483647), TEMPLATE: (1, 4095)}

    def make_interface(self, config: InterfaceConfig) -> Interface | None:
        """A tunnel; its line protocol stays down until everything that it needs is there."""
        if config.kind == "Tunnel":
            config.put(Tunnel())
        elif config.kind != TEMPLATE:
            return None
        return self._interface(config)

    def _interface(self, config: InterfaceConfig) -> Interface:
        tunnel = config.held(Tunnel)
        config.encapsulated_mtu = tunnel.mtu if tunnel is not None else None
        interface = Interface(self.device, config, self.device.base_mac, protocol_delay=0.0)
        interface.protocol_held = True
        return interface

    def interface_added(self, interface: Interface) -> None:
        """It may be a tunnel, or what one waits for."""
        tunnel = interface.config.held(Tunnel)
        if tunnel is not None and interface.kind != TEMPLATE:
            self._configs[interface.name] = interface.config
            self.index.put(interface.name, tunnel)
        self._look_at(self._concerned(interface))

    def interface_configured(self, interface: Interface) -> None:
        """A tunnel was configured; what protects it may be something else now."""
        tunnel = interface.config.held(Tunnel)
        if interface.kind == TEMPLATE:
            self.changed()
        if tunnel is not None:
            interface.config.encapsulated_mtu = tunnel.mtu
            if interface.name in self._configs:
                self.index.put(interface.name, tunnel)
            self._facing.configured(interface.name)
            self._maps.pop(interface.name, None)
            self.clones.configured(interface.name)
            crypto = self.device.service(CryptoEngine)
            if not interface.admin_up:
                crypto.forget(interface.name)
            crypto.addresses_changed(interface)
        self._look_at(self._concerned(interface))

    def protocol_changed(self, interface: Interface) -> None:
        """A source may have come or gone."""
        self._look_at(self._concerned(interface))

    def addresses_changed(self, interface: Interface) -> None:
        """A source may have another address."""
        self._look_at(self._concerned(interface))

    def _route_changed(self, vrf: Vrf, old: tuple[Route, ...], new: tuple[Route, ...]) -> None:
        """Destinations may be reached in another way."""
        if self._configs:
            for network in {each.network for each in (*old, *new)}:
                self.lines.look_again(self.index.along(network))

    def refused(self, name: str) -> None:
        """The SAs of a tunnel could not be had."""
        for tell in self.losers:
            tell(name)

    def sas_changed(self, name: str) -> None:
        """SAs of an interface came or went."""
        if name in self._configs:
            self.lines.look_again((name,))

    def has(self, name: str) -> bool:
        """Whether an interface is a tunnel."""
        return self.get(name) is not None

    def runs(self, name: str) -> bool:
        """Whether an interface is a tunnel that can carry packets: no template of others."""
        return name in self._configs

    def users_of(self, profile: str) -> list[str]:
        """The tunnels that name an IPsec profile."""
        return [name for name, tunnel in self.all() if tunnel.protection == profile]

    def stop(self) -> None:
        """Forget all timers; the box is switched off."""
        self.lines.stop()

    def interface_removed(self, interface: Interface) -> None:
        """Forget a tunnel interface."""
        self._configs.pop(interface.name, None)
        self.index.remove(interface.name)
        self._maps.pop(interface.name, None)
        self._facing.forget(interface.name)
        self.lines.forget(interface.name)
        if interface.kind == TEMPLATE:
            self.changed()
        self._look_at(self._concerned(interface))
