"""Flexible NetFlow at work on a router: monitors at interfaces, and exporters behind them."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.box.service import Service
from iosemu.ip.path import In, Out, Transit
from iosemu.ip.stack import IpStack
from iosemu.net.netflow.cache import key_of
from iosemu.net.netflow.fields import Value, exported
from iosemu.net.netflow.flexible import MonitorCache, MonitoredFlow, values
from iosemu.net.scheduler import Timer
from iosemu.subjects.flexible_netflow.config import FlexibleConfig, FlexiblePort
from iosemu.subjects.flexible_netflow.export import Exporting, send
from iosemu.subjects.snmp.service import SnmpAgent

TOGETHER = 1.0
"""Seconds for which flows that are over wait for others, before they are told of."""
INPUT, OUTPUT = "input", "output"
NOWHERE = "Null"
"""The output interface of what goes no further than this box."""
_NOBODY = IPv4Address(0)


class FlexibleNetflow(Service):
    """Counts what passes interfaces by the monitors that stand there."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.caches: dict[str, MonitorCache] = {}
        """By the name of the monitor, of those that stand at an interface."""
        self.exporters: dict[str, Exporting] = {}
        self._at: dict[tuple[str, str], list[MonitorCache]] = {}
        self._hooked = False
        self._timer: Timer | None = None
        self._flush: Timer | None = None

    def stop(self) -> None:
        """Power goes."""
        for timer in (self._timer, self._flush):
            if timer is not None:
                timer.cancel()

    # --- configuration -------------------------------------------------------------------------------

    def changed(self) -> None:
        """Take over what was typed; a monitor keeps its flows while its record is the same."""
        config = self.device.config.of(FlexibleConfig)
        standing: dict[tuple[str, str], list[str]] = {}
        for name, each in self.device.config.interfaces.items():
            port = each.held(FlexiblePort)
            for named, direction in port.monitors if port is not None else ():
                standing.setdefault((name, direction), []).append(named)
        wanted = {named for monitors in standing.values() for named in monitors}
        caches: dict[str, MonitorCache] = {}
        for monitor in config.monitors.values():
            record = config.record_of(monitor)
            if record is None or monitor.name not in wanted:
                continue
            known = self.caches.get(monitor.name)
            cache = known if known is not None and known.record == record else MonitorCache(record)
            cache.entries = monitor.entries
            cache.active, cache.inactive = float(monitor.active), float(monitor.inactive)
            caches[monitor.name] = cache
        self.caches = caches
        self.exporters = {
            name: self.exporters.get(name) or Exporting(cleared=self.device.now) for name in config.exporters
        }
        self._at = {
            where: found
            for where, monitors in standing.items()
            if (found := [caches[named] for named in monitors if named in caches])
        }
        self._stand(bool(self._at))
        self._arm()

    def interface_configured(self, interface: Interface) -> None:
        """`ip flow monitor` may have been typed."""
        if interface.config.held(FlexiblePort) is not None:
            self.changed()

    def interface_removed(self, interface: Interface) -> None:
        """Nothing passes it any more."""
        if interface.config.held(FlexiblePort) is not None:
            self.changed()

    def _stand(self, wanted: bool) -> None:
        """Be in the packets' way while there is a monitor."""
        if wanted == self._hooked:
            return
        self._hooked, stack = wanted, self.device.service(IpStack)
        if wanted:
            stack.incoming.hook(In.FLOW, self._incoming)
            stack.outgoing.hook(Out.FLOW, self._outgoing)
        else:
            stack.incoming.unhook(self._incoming)
            stack.outgoing.unhook(self._outgoing)

    # --- packets -------------------------------------------------------------------------------------

    def _incoming(self, transit: Transit) -> bool:
        assert transit.came_in is not None
        caches = self._at.get((transit.came_in.name, INPUT))
        if caches:
            destination, out, hop = transit.packet.destination, NOWHERE, None
            if not transit.vrf.is_local(destination):
                hop = transit.vrf.routes.hop(destination)
                out = (hop.interface if hop is not None else None) or NOWHERE
            next_hop = (hop.next_hop if hop is not None else None) or _NOBODY
            self._count(caches, transit, transit.came_in.name, out, next_hop, egress=False)
        return True

    def _outgoing(self, transit: Transit) -> bool:
        if transit.out is None or transit.came_in is None:
            return True
        caches = self._at.get((transit.out.name, OUTPUT))
        if caches:
            hop = transit.hop
            next_hop = (hop.next_hop if hop is not None else None) or _NOBODY
            self._count(caches, transit, transit.came_in.name, transit.out.name, next_hop, egress=True)
        return True

    def _count(
        self, caches: list[MonitorCache], transit: Transit, came_in: str, out: str, next_hop: IPv4Address, *,
        egress: bool,
    ) -> None:  # fmt: skip
        key, flags = key_of(transit.packet, came_in, egress)
        found: dict[str, Value] = {
            "ipv4 source address": key.source,
            "ipv4 destination address": key.destination,
            "ipv4 tos": key.tos,
            "ipv4 protocol": key.protocol,
            "transport source-port": key.source_port,
            "transport destination-port": key.destination_port,
            "interface input": came_in,
            "interface output": out,
            "flow direction": int(egress),
            "routing next-hop address ipv4": next_hop,
        }
        for cache in caches:
            cache.packet(found, transit.packet.total_length, flags, self.device.now)
        self._arm()

    # --- flows that are over -------------------------------------------------------------------------

    def _arm(self) -> None:
        due = min(
            (when for each in self.caches.values() if (when := each.next_timer()) is not None), default=None
        )
        timer = self._timer
        if timer is not None and not timer.cancelled:
            if due is not None and timer.when <= due:
                self._take_over()
                return
            timer.cancel()
            self._timer = None
        if due is not None:
            self._timer = self.device.scheduler.at_aside(due, self._tick)
        self._take_over()

    def _tick(self) -> None:
        self._timer = None
        for cache in self.caches.values():
            cache.age(self.device.now)
        self._arm()

    def _take_over(self) -> None:
        """Flows that are over wait for a datagram."""
        config = self.device.config.of(FlexibleConfig)
        for name, cache in self.caches.items():
            over = cache.over()
            monitor = config.monitors.get(name)
            if not over or monitor is None:
                continue
            for exporter in monitor.exporters:
                exporting = self.exporters.get(exporter)
                if exporting is not None:
                    client = exporting.client(name, cache.record.template)
                    client.waiting += [self._record(cache, flow) for flow in over]
        waiting = any(client.waiting for each in self.exporters.values() for client in each.clients.values())
        if waiting and (self._flush is None or self._flush.cancelled):
            self._flush = self.device.scheduler.at_aside(self.device.now + TOGETHER, self._flushed)

    def _record(self, cache: MonitorCache, flow: MonitoredFlow) -> bytes:
        indexes = self.device.service(SnmpAgent).indexes
        names = (value for value in flow.found.values() if isinstance(value, str))
        numbers = {name: indexes.number(name) for name in names if name in self.device.interfaces}
        fields = cache.record.fields
        return b"".join(
            exported(each, value, numbers)
            for each, value in zip(fields, values(flow, fields, self.device.booted_at), strict=True)
        )

    def _flushed(self) -> None:
        self._flush = None
        config = self.device.config.of(FlexibleConfig)
        for name, exporting in self.exporters.items():
            send(self.device, config.exporters[name], exporting)

    # --- what users ask for --------------------------------------------------------------------------

    def clear(self, monitor: str, *, flows: bool, statistics: bool) -> None:
        """`clear flow monitor M [cache | statistics]`: flows end and are told of; counters begin anew."""
        cache = self.caches.get(monitor)
        if cache is None:
            return
        if flows:
            cache.end_all(self.device.now)
        if statistics:
            cache.clear()
        self._arm()
