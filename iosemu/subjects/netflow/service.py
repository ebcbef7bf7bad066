"""NetFlow at work on a router."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.box.service import Service
from iosemu.ip.config import primary_address
from iosemu.ip.path import In, Out, Transit
from iosemu.ip.stack import IpStack
from iosemu.net.netflow.cache import Flow, FlowCache
from iosemu.net.netflow.exporter import Exporter
from iosemu.net.scheduler import Timer
from iosemu.packets.netflow import ExportClock, FlowRecord
from iosemu.subjects.netflow.config import FlowPort, NetflowConfig
from iosemu.subjects.snmp.service import SnmpAgent

TOGETHER = 1.0
"""Seconds for which flows that are over wait for others, before they are told of."""
FIRST_PORT = 49152
"""Exports come from one of the ports from here on."""


class Netflow(Service):
    """Counts what comes in by some interfaces and leaves by some; what is over is told to collectors."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.cache = FlowCache()
        self.exporter = Exporter()
        self._port = 0
        """Exports come from it; 0: there was none yet."""
        self._ingress: set[str] = set()
        self._egress: set[str] = set()
        self._timer: Timer | None = None
        self._flush: Timer | None = None

    def stop(self) -> None:
        """Power goes."""
        for timer in (self._timer, self._flush):
            if timer is not None:
                timer.cancel()

    # --- configuration -------------------------------------------------------------------------------

    def changed(self) -> None:
        """Timeouts, or the export, may be others."""
        config = self.device.config.of(NetflowConfig)
        self.cache.entries = config.entries
        self.cache.active, self.cache.inactive = config.active * 60.0, float(config.inactive)
        self.exporter.restart(config.version)
        self.exporter.refresh, self.exporter.timeout = config.refresh, config.template_timeout * 60.0
        self._arm()

    def interface_configured(self, interface: Interface) -> None:
        """`ip flow` may have been typed."""
        port = interface.config.held(FlowPort)
        self._stand(
            interface.name,
            port is not None and (port.ingress or port.route_cache),
            port is not None and port.egress,
        )

    def interface_added(self, interface: Interface) -> None:
        """It may have come with its configuration."""
        self.interface_configured(interface)

    def interface_removed(self, interface: Interface) -> None:
        """Nothing passes it any more."""
        self._stand(interface.name, False, False)

    def _stand(self, name: str, ingress: bool, egress: bool) -> None:
        """Be in the packets' way while flows of any interface are counted."""
        before = bool(self._ingress or self._egress)
        for names, wanted in ((self._ingress, ingress), (self._egress, egress)):
            if wanted:
                names.add(name)
            else:
                names.discard(name)
        stack, after = self.device.service(IpStack), bool(self._ingress or self._egress)
        if after and not before:
            stack.incoming.hook(In.FLOW, self._incoming)
            stack.outgoing.hook(Out.FLOW, self._outgoing)
        elif before and not after:
            stack.incoming.unhook(self._incoming)
            stack.outgoing.unhook(self._outgoing)

    def watched(self) -> list[tuple[str, bool, bool]]:
        """The interfaces whose flows are counted: what comes in, what leaves."""
        return [
            (name, name in self._ingress, name in self._egress)
            for name in self.device.interfaces
            if name in self._ingress or name in self._egress
        ]

    # --- packets -------------------------------------------------------------------------------------

    def _incoming(self, transit: Transit) -> bool:
        interface = transit.came_in
        assert interface is not None
        name = interface.name
        if name not in self._ingress and not self._by_parent(interface):
            return True
        flow, new = self.cache.packet(transit.packet, name, self.device.now)
        if new and transit.vrf.is_local(transit.packet.destination):
            flow.out = "Local"
        transit.flow = flow
        self._arm()
        return True

    def _by_parent(self, interface: Interface) -> bool:
        parent = interface.config.parent
        config = self.device.config.interfaces.get(parent) if parent is not None else None
        port = config.held(FlowPort) if config is not None else None
        return port is not None and port.route_cache

    def _outgoing(self, transit: Transit) -> bool:
        out = transit.out
        if out is None or transit.came_in is None:
            return True
        flow = transit.flow
        if isinstance(flow, Flow) and flow.out != out.name:
            flow.out = out.name
            flow.next_hop = self._next_hop(transit)
        if out.name in self._egress:
            flow, new = self.cache.packet(transit.packet, out.name, self.device.now, egress=True)
            if new:
                flow.came_in, flow.out = transit.came_in.name, out.name
                flow.next_hop = self._next_hop(transit)
            self._arm()
        return True

    def _next_hop(self, transit: Transit) -> IPv4Address:
        hop = transit.hop
        return (hop.next_hop if hop is not None else None) or IPv4Address(0)

    # --- flows that are over -------------------------------------------------------------------------

    def _arm(self) -> None:
        due = self.cache.next_timer()
        timer = self._timer
        if timer is not None and not timer.cancelled:
            if due is not None and timer.when <= due:
                return
            timer.cancel()
            self._timer = None
        if due is not None:
            self._timer = self.device.scheduler.at_aside(due, self._tick)
        self._take_over()

    def _tick(self) -> None:
        self._timer = None
        self.cache.age(self.device.now)
        self._arm()

    def _take_over(self) -> None:
        """Flows that are over wait for a datagram."""
        over = self.cache.over()
        if not over or not self.device.config.of(NetflowConfig).destinations:
            return
        for flow in over:
            if self.exporter.add(self._record(flow)):
                self._send()
        if self.exporter.waiting and (self._flush is None or self._flush.cancelled):
            self._flush = self.device.scheduler.at_aside(self.device.now + TOGETHER, self._flushed)

    def _flushed(self) -> None:
        self._flush = None
        if self.exporter.waiting:
            self._send()

    def _record(self, flow: Flow) -> FlowRecord:
        key, booted = flow.key, self.device.booted_at
        routes = self.device.service(IpStack).vrf_of(key.interface).routes
        source, destination = routes.lookup(key.source), routes.lookup(key.destination)
        return FlowRecord(
            key.source,
            key.destination,
            flow.next_hop,
            self._index(flow.came_in),
            self._index(flow.out),
            flow.packets,
            flow.octets,
            int((flow.first - booted) * 1000),
            int((flow.last - booted) * 1000),
            key.source_port,
            key.destination_port,
            flow.tcp_flags,
            key.protocol,
            key.tos,
            source.network.prefixlen if source is not None else 0,
            destination.network.prefixlen if destination is not None else 0,
            key.egress,
        )

    def _index(self, name: str) -> int:
        """The number of an interface as SNMP has it; 0 for what is none."""
        return self.device.service(SnmpAgent).indexes.number(name) if name in self.device.interfaces else 0

    def _send(self) -> None:
        config, stack = self.device.config.of(NetflowConfig), self.device.service(IpStack)
        source = None
        if config.source:
            lender = self.device.config.interfaces.get(config.source)
            source = primary_address(lender) if lender is not None else None
        if not config.destinations or (config.source and source is None):
            self.exporter.drop()
            return
        now = self.device.now
        moment = self.device.origin.timestamp() + now
        clock = ExportClock(
            int((now - self.device.booted_at) * 1000), int(moment), int((moment % 1) * 1_000_000_000)
        )
        self._port = self._port or FIRST_PORT + self.device.rng.randrange(0, 0x2000)
        waiting = self.exporter.waiting
        data = self.exporter.datagram(now, clock)
        sent = [
            stack.send_udp(source, self._port, address, port, data) for address, port in config.destinations
        ]
        if not any(sent):
            self.exporter.failed += waiting - self.exporter.waiting

    def clear(self) -> None:
        """`clear ip flow stats`: the cache is emptied, and counts from zero."""
        self.cache.end_all(self.device.now)
        self._take_over()
        self.cache.clear(self.device.now)
        self.exporter.clear()
