"""The server and the relay agent at work: the engine between pools, interfaces and UDP port 67."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.box.service import Service
from iosemu.ip.config import IpSettings
from iosemu.ip.dhcp import AddressClients
from iosemu.ip.path import In, Transit
from iosemu.ip.probe import Probe
from iosemu.ip.routed import Dot1q
from iosemu.ip.stack import LIMITED_BROADCAST, IpStack
from iosemu.ip.vrf import Vrf
from iosemu.net.dhcp.pools import Origin, Ping, Pool, PoolClass, Reply, ServerConfig, first_and_last
from iosemu.net.dhcp.relay import RelayPolicy, information, to_client, to_server
from iosemu.net.dhcp.server import DhcpServer
from iosemu.net.scheduler import Timer
from iosemu.net.signal import Signal
from iosemu.packets.dhcp import (
    BROADCAST_FLAG,
    CLIENT_PORT,
    NOBODY,
    SERVER_PORT,
    DhcpMessage,
    DhcpType,
    Op,
    Option,
)
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.icmp import IcmpType
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.packets.udp import UdpDatagram
from iosemu.subjects.dhcp import debug
from iosemu.subjects.dhcp.config import DhcpConfig, DhcpPool, HelperAddresses

SMART_TRIES = 3
"""Requests without an answer after which smart relay goes on to the next address (Cisco IOS DHCP relay agent)."""
MOST_CLIENTS = 1000


class DhcpServices(Service):
    """Answers requests from pools, and passes on what is for servers elsewhere."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.engine = self._server("")
        """The server of the default routing instance."""
        self.engines: dict[str, DhcpServer] = {"": self.engine}
        """By VRF: the same address may be lent in each."""
        self._timer: Timer | None = None
        self._trying: dict[Probe, Timer] = {}
        self._helped: set[str] = set()
        """The interfaces with helper addresses."""
        self._bound = False
        self.settled = Signal()
        """Bindings may be others than before."""
        self._unanswered: dict[bytes, int] = {}
        """How often clients were asked for without an answer, by hardware address."""
        self._full: dict[str, bool] = {}
        """The pools that are above their high mark, and were not below the low one since."""

    def _server(self, vrf: str) -> DhcpServer:
        stack = self.device.service(IpStack)
        return DhcpServer(lambda address: stack.vrf(vrf).is_local(address))

    def start(self) -> None:
        """Power came."""
        self.changed()

    def stop(self) -> None:
        """Power goes: bindings are in memory only."""
        if self._timer is not None:
            self._timer.cancel()
        for probe, timer in self._trying.items():
            timer.cancel()
            probe.close()
        self._trying.clear()

    # --- what changes ----------------------------------------------------------------------------------

    def changed(self) -> None:
        """Take over what was typed."""
        config, stack = self.device.config.of(DhcpConfig), self.device.service(IpStack)
        for name in {each.vrf for each in config.pools.values()} - self.engines.keys():
            if stack.find_vrf(name) is not None:
                self.engines[name] = self._server(name)
                self.engines[name].statistics = self.engine.statistics
        for name in [each for each in self.engines if stack.find_vrf(each) is None]:
            del self.engines[name]
        for name, engine in self.engines.items():
            pools = tuple(self._pool(each) for each in config.pools.values() if each.vrf == name)
            excluded = tuple((first, last) for vrf, first, last in config.excluded if vrf == name)
            engine.configure(
                ServerConfig(
                    pools,
                    excluded,
                    config.ping_packets > 0,
                    config.conflict_logging,
                    not config.bootp_ignore,
                )
            )
        self._listen()
        self._settle()

    def interface_configured(self, interface: Interface) -> None:
        """`ip helper-address` may have been typed."""
        helpers = interface.config.held(HelperAddresses)
        if bool(helpers is not None and helpers.addresses) == (interface.name in self._helped):
            return
        self._helped ^= {interface.name}
        self._listen()

    def interface_removed(self, interface: Interface) -> None:
        """Its helpers are gone with it."""
        self._helped.discard(interface.name)
        self._listen()

    def _listen(self) -> None:
        """Be on port 67, and on the way of broadcasts, as long as there is something to do."""
        config, stack = self.device.config.of(DhcpConfig), self.device.service(IpStack)
        wanted = config.service and bool(config.pools or self._helped)
        if wanted != self._bound:
            self._bound = wanted
            stack.bind_udp(SERVER_PORT, self._receive if wanted else None, vrf=None)
        stack.incoming.unhook(self._help)
        if self._helped:
            stack.incoming.hook(In.HELPER, self._help)

    def _pool(self, pool: DhcpPool) -> Pool:
        options = dict(pool.wire_options())
        if pool.import_all:
            options = {**self.imported(), **options}
        lease = pool.lease.seconds if pool.lease is not None else None
        server = pool.next_server[0] if pool.next_server else None
        return Pool(
            pool.name,
            pool.network,
            pool.host,
            pool.client_identifier,
            pool.hardware,
            tuple(options.items()),
            lease,
            server,
            pool.bootfile,
            pool.deny_unknown,
            self._classes(pool),
        )

    def _classes(self, pool: DhcpPool) -> tuple[PoolClass, ...]:
        """The classes of a pool that are known; one of a name that nobody defined has no clients."""
        config = self.device.config.of(DhcpConfig)
        if not config.use_class:
            return ()
        return tuple(
            PoolClass(tuple(typed.pattern for typed in known.patterns), tuple(each.ranges))
            for each in pool.classes.values()
            if (known := config.classes.get(each.name)) is not None
        )

    def imported(self) -> dict[int, bytes]:
        """`import all`: what this box was told itself as a client of another server."""
        found: dict[int, bytes] = {}
        for client in self.device.service(AddressClients).clients.values():
            message = client.lease.message if client.lease is not None else None
            for code in (Option.DNS_SERVER, Option.NETBIOS_NAME_SERVER, Option.DOMAIN_NAME):
                value = message.option(code) if message is not None else None
                if value:
                    found.setdefault(code, value)
        return found

    # --- in --------------------------------------------------------------------------------------------

    def _receive(self, packet: IPv4Packet, datagram: UdpDatagram, name: str) -> None:
        try:
            message = DhcpMessage.parse(datagram.payload)
        except MalformedPacket:
            self.engine.statistics.malformed += 1
            return
        stack = self.device.service(IpStack)
        interface = stack.interfaces.get(name)
        if interface is None:
            return
        vrf = stack.vrf_of(name)
        if message.op == Op.REPLY:
            self._relay_back(message, vrf)
            return
        addresses = [each.ip for each in interface.config.of(IpSettings).addresses]
        if not addresses:
            return
        if not self._believes(message, interface):
            debug.inconsistent(self.device)
            return
        own = packet.destination if vrf.is_local(packet.destination) else addresses[0]
        places = tuple(addresses) if message.relay == NOBODY else (message.relay,)
        engine = self.engines.get(vrf.name)
        served = engine is not None and engine.receive(message, Origin(name, places, own), self.device.now)
        self._settle()
        if not served and not vrf.is_local(packet.destination):
            self._relay(message, interface, self._towards(message, addresses))

    def _believes(self, message: DhcpMessage, interface: Interface) -> bool:
        """Whether option 82 comes from a relay agent, or from a switch that is trusted."""
        if message.relay != NOBODY or message.option(Option.RELAY_INFORMATION) is None:
            return True
        settings = interface.config.held(HelperAddresses)
        return self.device.config.of(DhcpConfig).relay_trust_all or (
            settings is not None and settings.trusted
        )

    # --- the relay agent -------------------------------------------------------------------------------

    def _policy(self, interface: Interface) -> RelayPolicy:
        """What is done with option 82 of clients there: an interface may do otherwise than the box."""
        config, here = self.device.config.of(DhcpConfig), interface.config.held(HelperAddresses)
        if here is None:
            return RelayPolicy(config.relay_information, config.relay_check, config.relay_policy)
        return RelayPolicy(
            config.relay_information if here.insert is None else here.insert,
            config.relay_check if here.check is None else here.check,
            here.policy or config.relay_policy,
        )

    def _information(self, interface: Interface) -> bytes:
        """Option 82: VLAN, slot and port of the interface; the station address of the box (RFC 3046)."""
        here = interface.config.held(HelperAddresses)
        subscriber = here.subscriber.encode("utf-8") if here is not None else b""
        vlan = interface.config.of(Dot1q).vlan if interface.config.parent is not None else None
        numbers = interface.type.name == "Vlan" and int(interface.name.removeprefix("Vlan"))
        port = interface.name.split(".")[0].split("/")
        slot, number = (int(port[-2][-1]), int(port[-1])) if len(port) > 1 else (0, 0)
        circuit = (vlan or int(numbers or 0)).to_bytes(2, "big") + bytes((slot & 0xFF, number & 0xFF))
        return information(b"\x00\x04" + circuit, b"\x00\x06" + bytes(interface.mac), subscriber)

    def _towards(self, message: DhcpMessage, addresses: list[IPv4Address]) -> IPv4Address:
        """From which address a client is asked for: the first, unless `ip dhcp smart-relay` tries others."""
        if not self.device.config.of(DhcpConfig).smart_relay or len(addresses) < 2:
            return addresses[0]
        tried = self._unanswered.pop(message.hardware, 0)
        if len(self._unanswered) >= MOST_CLIENTS:
            self._unanswered.pop(next(iter(self._unanswered)))
        self._unanswered[message.hardware] = tried + (message.type == DhcpType.DISCOVER)
        return addresses[tried // SMART_TRIES % len(addresses)]

    def _relay(self, message: DhcpMessage, interface: Interface, own: IPv4Address) -> None:
        helpers = interface.config.held(HelperAddresses)
        if helpers is None or not helpers.addresses:
            return
        onward = to_server(message, own, self._information(interface), self._policy(interface))
        if onward is None:
            return
        debug.relayed(self.device, message, own)
        stack = self.device.service(IpStack)
        for helper in helpers.addresses:
            data = onward.to_bytes()
            vrf = stack.vrf_of(interface.name)
            stack.send_udp(onward.relay, SERVER_PORT, helper, SERVER_PORT, data, vrf=vrf)

    def _relay_back(self, message: DhcpMessage, vrf: Vrf) -> None:
        if (tried := self._unanswered.get(message.hardware)) is not None:
            self._unanswered[message.hardware] = max(tried - 1, 0) // SMART_TRIES * SMART_TRIES
        interface = vrf.interface_of(message.relay)
        if interface is None:
            return
        onward = to_client(message, self._information(interface), self._policy(interface))
        if onward is not None:
            debug.answered(self.device, onward)
            self._to_client(onward, interface, message.relay)

    def _help(self, transit: Transit) -> bool:
        """Send a broadcast of one of the known services on to the helpers; DHCP goes by `_receive`."""
        interface, packet = transit.came_in, transit.packet
        if interface is None or not transit.link_broadcast or interface.name not in self._helped:
            return True
        if (
            packet.protocol != Protocol.UDP
            or packet.is_fragment
            or len(packet.payload) < 8
            or packet.ttl <= 1
        ):
            return True
        port = int.from_bytes(packet.payload[2:4], "big")
        if port in (SERVER_PORT, CLIENT_PORT) or not self.device.config.of(DhcpConfig).forwards_port(port):
            return True
        edges = {each.network.broadcast_address for each in interface.config.of(IpSettings).addresses}
        if packet.destination != LIMITED_BROADCAST and packet.destination not in edges:
            return True
        try:
            datagram = UdpDatagram.parse(packet.payload, packet.source, packet.destination)
        except MalformedPacket:
            return True
        helpers = interface.config.held(HelperAddresses)
        for helper in helpers.addresses if helpers is not None else ():
            data = datagram.to_bytes(packet.source, helper)
            onward = replace(packet, destination=helper, payload=data, ttl=packet.ttl - 1)
            self.device.service(IpStack).send(onward, vrf=transit.vrf)
        return True

    # --- out -------------------------------------------------------------------------------------------

    def _settle(self) -> None:
        """Carry out what the engines left."""
        for name, engine in list(self.engines.items()):
            for note in engine.notes():
                debug.server(self.device, note)
            for action in engine.actions():
                if isinstance(action, Ping):
                    self._try(action, name, self.device.config.of(DhcpConfig).ping_packets)
                else:
                    self._answer(action)
        self._measure()
        self.settled.emit()
        if self._timer is not None:
            self._timer.cancel()
        timers = [engine.next_timer() for engine in self.engines.values()]
        due = min((each for each in timers if each is not None), default=None)
        self._timer = self.device.scheduler.at(due, self._tick) if due is not None else None

    def _measure(self) -> None:
        """Tell of pools that passed a utilization mark that is to be logged."""
        for pool in self.device.config.of(DhcpConfig).pools.values():
            engine = self.engines.get(pool.vrf)
            if engine is None or pool.network is None or not (pool.high or pool.low):
                continue
            first, last = first_and_last(pool.network)
            total, used = int(last) - int(first) + 1, engine.leased(pool.name)
            was = self._full.get(pool.name, False)
            if pool.high is not None and not was and used * 100 >= pool.high.percent * total:
                self._full[pool.name] = True
                if pool.high.log:
                    debug.utilization(self.device, pool.name, True, used, total, pool.high.percent)
            elif pool.low is not None and was and used * 100 <= pool.low.percent * total:
                self._full[pool.name] = False
                if pool.low.log:
                    debug.utilization(self.device, pool.name, False, used, total, pool.low.percent)

    def _tick(self) -> None:
        self._timer = None
        for engine in self.engines.values():
            engine.tick(self.device.now)
        self._settle()

    def _try(self, ping: Ping, name: str, left: int) -> None:
        """Send one echo request and look after the timeout whether it was answered."""
        stack = self.device.service(IpStack)
        vrf = stack.find_vrf(name)
        if vrf is None:
            return
        probe = Probe(stack, ping.address, vrf.source_for(ping.address), vrf)
        probe.echo(self.device.rng.randrange(1, 0x10000), left & 0xFFFF, bytes(28))
        seconds = self.device.config.of(DhcpConfig).ping_timeout / 1000
        timer = self.device.scheduler.after(seconds, lambda: self._tried(ping, name, probe, left - 1))
        self._trying[probe] = timer

    def _tried(self, ping: Ping, name: str, probe: Probe, left: int) -> None:
        del self._trying[probe]
        probe.close()
        answer = probe.answer
        answered = answer is not None and answer.message.type == IcmpType.ECHO_REPLY
        if not answered and left > 0:
            self._try(ping, name, left)
            return
        engine = self.engines.get(name)
        if engine is not None:
            engine.pinged(ping.address, answered, self.device.now)
        self._settle()

    def _answer(self, reply: Reply) -> None:
        """Send a reply where RFC 2131 section 4.1 says."""
        message, request, stack = reply.message, reply.request, self.device.service(IpStack)
        vrf = stack.vrf_of(reply.origin.interface)
        if request.relay != NOBODY:
            if message.type is DhcpType.NAK:
                message = replace(message, flags=message.flags | BROADCAST_FLAG)
            debug.answered(self.device, message, request.relay)
            data = message.to_bytes()
            stack.send_udp(reply.origin.own, SERVER_PORT, request.relay, SERVER_PORT, data, vrf=vrf)
            return
        interface = stack.interfaces.get(reply.origin.interface)
        if interface is None:
            return
        debug.answered(self.device, message)
        if message.type is not DhcpType.NAK and request.client != NOBODY:
            data = message.to_bytes()
            stack.send_udp(reply.origin.own, SERVER_PORT, request.client, CLIENT_PORT, data, vrf=vrf)
        else:
            self._to_client(message, interface, reply.origin.own)

    def _to_client(self, message: DhcpMessage, interface: Interface, own: IPv4Address) -> None:
        """By broadcast where the client asks for it or has no address; else to its station address."""
        stack = self.device.service(IpStack)
        station = message.station
        alone = (
            station is not None
            and not message.broadcast
            and message.yours != NOBODY
            and message.type is not DhcpType.NAK
            and stack.is_ethernet(interface)
        )
        to = message.yours if alone else LIMITED_BROADCAST
        data = UdpDatagram(SERVER_PORT, CLIENT_PORT, message.to_bytes()).to_bytes(own, to)
        packet = IPv4Packet(
            own, to, Protocol.UDP, data, stack.ttl, identification=stack.next_identification()
        )
        stack.counters.udp_sent += 1
        if alone and station is not None and interface.protocol_up:
            stack.counters.generated += 1
            stack.transmit(interface, station, packet.to_bytes())
        else:
            stack.send(packet, interface=interface.name)
