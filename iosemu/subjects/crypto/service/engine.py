"""The crypto engine of a router: crypto maps, IKE and the SADB brought together."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Any

from iosemu.box.interface import Interface
from iosemu.box.service import Service
from iosemu.ike.engine import Engine
from iosemu.ike.events import ChildUp
from iosemu.ike.sa import IsakmpSa
from iosemu.ike.types import ChildSa
from iosemu.ip.path import In, Out
from iosemu.ip.stack import IpStack
from iosemu.ip.vrf import Vrf
from iosemu.ipsec.sadb import Sadb, SadbPair
from iosemu.ipsec.selectors import Selector
from iosemu.net.scheduler import Timer
from iosemu.subjects.crypto.config.ipsec import IpsecConfig, IpsecStyle
from iosemu.subjects.crypto.config.isakmp import IsakmpConfig, IsakmpStyle
from iosemu.subjects.crypto.config.maps import CryptoMapBinding, CryptoMapEntry, CryptoMapsConfig
from iosemu.subjects.crypto.debug.reporter import Debug
from iosemu.subjects.crypto.service.addresses import Addresses
from iosemu.subjects.crypto.service.alarms import Alarms
from iosemu.subjects.crypto.service.credentials import Credentials
from iosemu.subjects.crypto.service.dummies import DummyPackets
from iosemu.subjects.crypto.service.dynamic import TemporaryEntries
from iosemu.subjects.crypto.service.events import EventHandler
from iosemu.subjects.crypto.service.ezvpn import EzvpnConnections
from iosemu.subjects.crypto.service.flow import CryptoFlow, FlowCounters, FlowKey
from iosemu.subjects.crypto.service.fronts import Fronts
from iosemu.subjects.crypto.service.groups import GroupKeys, NoGroups
from iosemu.subjects.crypto.service.ikev2 import Ikev2
from iosemu.subjects.crypto.service.keys import PROTOCOL_IDS
from iosemu.subjects.crypto.service.life import Lifetimes
from iosemu.subjects.crypto.service.manual import ManualSas
from iosemu.subjects.crypto.service.policy import CryptoPolicy
from iosemu.subjects.crypto.service.pools import PoolAddresses
from iosemu.subjects.crypto.service.remote_access import RemoteAccess
from iosemu.subjects.crypto.service.requests import SaRequests
from iosemu.subjects.crypto.service.reverse_route import ReverseRoutes
from iosemu.subjects.crypto.service.traffic import Traffic
from iosemu.subjects.crypto.service.tunnels import NoTunnels, ProtectedTunnels
from iosemu.subjects.crypto.service.used_keys import UsedKeys
from iosemu.subjects.crypto.service.wire import Wire
from iosemu.subjects.pki.service.pki import Pki

if TYPE_CHECKING:
    from iosemu.box.device import Device


TUNNELS = frozenset({"Tunnel", "Virtual-Access"})
"""Types of interfaces whose packets may be protected."""


class CryptoEngine(Service):
    """IPsec of one router.

    Everything follows from the typed configuration, packets and lab time. `start` makes it listen when a
    crypto map is applied, `stop` ends it for good (power off).
    """

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.protected: ProtectedTunnels = NoTunnels()
        """The tunnel interfaces whose packets are to be protected."""
        self.groups: GroupKeys = NoGroups()
        """The groups whose keys come by GDOI."""
        self.sadb = Sadb()
        self.temporary = TemporaryEntries()
        """What dynamic crypto maps became."""
        isakmp, ipsec = device.image.style(IsakmpStyle), device.image.style(IpsecStyle)
        self.style = ipsec
        self.addresses = Addresses(device, lambda: self.protected)
        self.fronts = Fronts(device)
        self.policy: CryptoPolicy = CryptoPolicy(device, self.addresses, self)
        self.credentials = Credentials(device, self.addresses, self.policy, self.fronts)
        self.ike = Engine(self.credentials, device.rng.randbytes, isakmp.first_conn_id)
        self.flows: dict[FlowKey, CryptoFlow] = {}
        self.running = False
        """ISAKMP is ON: a crypto map is on an interface."""
        self.next_conn_id = ipsec.first_conn_id
        self.next_flow_id = 1
        self.debug = Debug(device, self.sadb)
        self.ike.heard_by(self.debug.listens)
        self.pools: PoolAddresses = PoolAddresses(device)
        self.clients = RemoteAccess(self)
        self.pools.users.append(self.clients.in_use)
        self.credentials.clients = self.clients
        self.ezvpn = EzvpnConnections(self)
        self.credentials.connections = self.ezvpn
        self.life = Lifetimes(self)
        self.events = EventHandler(self)
        self.ikev2 = Ikev2(self)
        self._by_entry: dict[tuple[str, str, int], list[CryptoFlow]] = {}
        self._by_home: dict[str, dict[FlowKey, CryptoFlow]] = {}
        self._loose: dict[str, None] = {}
        """The interfaces whose flows are to be looked at at the end of what happens now."""
        self._timer: Timer | None = None
        self.alarms = Alarms(device, self.ike, self.sadb, self.pump)
        self.alarms.ikev2_sas = self.ikev2.with_peer
        self.requests = SaRequests(device.scheduler, self.negotiate)
        self.traffic = Traffic(self)
        self.wire = Wire(self)
        self.routes = ReverseRoutes(device, self.policy, self.flows, self.entry_of)
        self.manual = ManualSas(self)
        self.used_keys = UsedKeys()
        self.dummies = DummyPackets(self)
        self._pumping = False
        self._standing = False

    @property
    def now(self) -> float:
        """Lab time in seconds."""
        return self.device.now

    def stand(self) -> None:
        """Be in the packets' way while there is a crypto map on an interface, or a tunnel."""
        wanted = self.policy.binds or not TUNNELS.isdisjoint(self.device.interfaces.types)
        if wanted == self._standing:
            return
        self._standing = wanted
        stack = self.device.service(IpStack)
        if wanted:
            stack.incoming.hook(In.CLEAR_TEXT, self.traffic.admit_clear)
            stack.outgoing.hook(Out.CRYPTO_MAP, self.traffic.outbound)
        else:
            stack.incoming.unhook(self.traffic.admit_clear)
            stack.outgoing.unhook(self.traffic.outbound)

    # --- configuration -------------------------------------------------------------------------------

    def start(self) -> None:
        """Take protected packets, and say that nothing is protected yet, where the image does."""
        stack = self.device.service(IpStack)
        stack.virtual.listeners.append(self._redundancy_changed)
        self.wire.start()
        if self.device.image.style(IsakmpStyle).boot_message:
            self.device.log("CRYPTO", 6, "ISAKMP_ON_OFF", "ISAKMP is OFF")

    def stop(self) -> None:
        """Forget all timers; nothing is sent any more."""
        self.life.stop()
        self.requests.clear()
        self.ikev2.stop()
        self.ezvpn.stop()
        self.dummies.stop()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def changed(self) -> None:
        """Crypto maps were applied, removed or edited."""
        self.policy.changed()
        self.traffic.configured()
        self.stand()
        self.device.soon(self._fit)

    def look_again(self, interfaces: Iterable[str]) -> None:
        """What these protect may have no home any more: look at it at the end of what happens now."""
        self._loose.update(dict.fromkeys(interfaces))
        self.device.soon(self._fit_loose)

    def _fit(self) -> None:
        """Listen or not, and drop flows that have no home."""
        self._drop_homeless(list(self.flows.values()))
        self.requests.clear()
        self.routes.refresh()
        self._listen()

    def _fit_loose(self) -> None:
        """As `_fit`, where no more than some interfaces are otherwise."""
        loose, self._loose = self._loose, {}
        flows = [flow for interface in loose for flow in self._by_home.get(interface, {}).values()]
        for flow in flows:
            self.requests.done(flow)
        self._drop_homeless(flows)
        self.routes.follow_standing()
        self._listen()

    def _drop_homeless(self, flows: Iterable[CryptoFlow]) -> None:
        bound = {
            (self.policy.home(interface, crypto_map), crypto_map.name)
            for interface, crypto_map in self.policy.applied_maps()
        }
        for flow in flows:
            entry = self.entry_of(flow)
            home = self.device.interfaces.get(flow.interface)
            tunnel = home is not None and home.admin_up and self.protected.has(flow.interface)
            found = self.protected.map_of(flow.interface) if tunnel else None
            at_home = (found is not None and found.name == flow.map_name) or flow.key[:2] in bound
            if not at_home or entry is None or self._other_mode(flow, entry):
                self.remove_flow(flow.key)

    def _listen(self) -> None:
        on = self.policy.binds or self.protected.any()
        on = on and self.device.config.of(IsakmpConfig).enabled
        if on != self.running:
            self.running = on
            if not on:
                self.clear_isakmp()
                self.clear_ikev2()
            self.device.log("CRYPTO", 6, "ISAKMP_ON_OFF", f"ISAKMP is {'ON' if on else 'OFF'}")
            self.wire.listen(on)
        self.ezvpn.fit()
        self.manual.fit()
        self.ikev2.urls.fit()
        self.dummies.fit()

    @staticmethod
    def _other_mode(flow: CryptoFlow, entry: CryptoMapEntry) -> bool:
        """A tunnel that protected GRE protects any packets now, or the reverse."""
        return entry.selector is not None and entry.selector.protocol != flow.selector.protocol

    def _redundancy_changed(self, name: str) -> None:
        """A first-hop group became active or passive here: its address's SAs are another router's now."""
        group = self.device.service(IpStack).virtual.redundancy.get(name)
        interfaces = self.device.config.interfaces.values()
        bound = any(
            (each.held(CryptoMapBinding) or CryptoMapBinding()).redundancy == name for each in interfaces
        )
        if not bound or group is None or group.active:
            return
        self.clear(local=group.address)
        self.clear_isakmp(local=group.address)
        self.clear_ikev2(local=group.address)

    def interface_configured(self, interface: Interface) -> None:
        """A crypto map was put on an interface, or taken away."""
        self.addresses_changed(interface)

    def interface_added(self, interface: Interface) -> None:
        """It may be a tunnel."""
        self.stand()

    def interface_removed(self, interface: Interface) -> None:
        """What was protected there has no home any more."""
        self.addresses_changed(interface)

    def protocol_changed(self, interface: Interface) -> None:
        """Its addresses came or went."""
        self.addresses_changed(interface)

    def addresses_changed(self, interface: Interface) -> None:
        """An interface that went down, or lost its address, loses its SAs without a word to the peer."""
        if self.policy.note(interface.name):
            self.device.soon(self._fit)
        self.stand()
        crypto_map = self.policy.bound_map(interface.name)
        home = self.policy.home(interface.name, crypto_map) if crypto_map is not None else interface.name
        self.look_again((interface.name, home))
        self.device.soon(self._drop_lost)

    def _drop_lost(self) -> None:
        for local in self.ike.sas.locals():
            if not self.fronts.is_ours(local):
                self.ike.drop(self.now, local)
        for local in self.ikev2.engine.sas.locals():
            if not self.fronts.is_ours(local):
                self.ikev2.engine.drop(self.now, local)
        for local in self.sadb.locals():
            if not self.fronts.is_ours(local):
                for pair in self.sadb.at(local):
                    self.remove_pair(pair, tell_peer=False)
        self.pump()

    # --- flows and pairs -----------------------------------------------------------------------------

    def flow(self, interface: str, entry: CryptoMapEntry, selector: Selector) -> CryptoFlow:
        """The flow of these identities, made when new."""
        key = (interface, entry.name, entry.sequence, selector)
        found = self.flows.get(key)
        if found is None:
            found = self.flows[key] = CryptoFlow(interface, entry.name, entry.sequence, selector)
            self._by_entry.setdefault(key[:3], []).append(found)
            self._by_home.setdefault(interface, {})[key] = found
        return found

    def knows(self, flow: CryptoFlow) -> bool:
        """Whether a flow still stands."""
        return self.flows.get(flow.key) is flow

    def home_of(self, child: ChildSa) -> CryptoFlow | None:
        """The flow that new SAs are for; None: it went away while they were negotiated.

        One that was forgotten and is wanted again, with the same peer, has them: it was not asked for twice.
        """
        flow = child.tag
        if not isinstance(flow, CryptoFlow):
            return None
        if self.knows(flow):
            return flow
        again = self.flows.get(flow.key)
        return again if again is not None and self.peer_of(again) == child.peer.address else None

    def entry_of(self, flow: CryptoFlow) -> CryptoMapEntry | None:
        """The crypto map entry of a flow, None when it was removed."""
        crypto_map = self.device.config.of(CryptoMapsConfig).get(flow.map_name)
        if crypto_map is None:
            return self.ezvpn.entry_of(flow) or self.protected.entry_of(flow)
        found = crypto_map.entries.get(flow.sequence)
        if found is not None:
            return found
        temporary = self.temporary.get(flow.map_name, flow.sequence)
        named = self.policy.index(crypto_map).dynamic
        return temporary if temporary is not None and temporary.dynamic in named else None

    def peer_of(self, flow: CryptoFlow) -> IPv4Address | None:
        """The peer that a flow's next negotiation is with."""
        entry = self.entry_of(flow)
        if entry is None:
            return None
        peers = self.policy.peers(entry)
        first = self.addresses.address_of(entry.default_peer) if entry.default_peer is not None else None
        if first in peers and not flow.tried and not flow.pairs and not flow.dead:
            flow.peer_index = peers.index(first)
        return flow.peer(peers)

    def flows_of(self, interface: str, entry: CryptoMapEntry) -> list[CryptoFlow]:
        """The flows of an entry on an interface."""
        return self._by_entry.get((interface, entry.name, entry.sequence), [])

    def remove_flow(self, key: FlowKey) -> None:
        """Delete a flow with its SAs and counters, telling the peer."""
        flow = self._forget_flow(key)
        if flow is not None:
            self.requests.done(flow)
            self.ikev2.abandon(flow)
            for pair in list(flow.pairs):
                self.remove_pair(pair)

    def forget(self, interface: str) -> None:
        """What an interface protects is with another peer from now on."""
        for key in list(self._by_home.get(interface, ())):
            self.remove_flow(key)

    def _forget_flow(self, key: FlowKey) -> CryptoFlow | None:
        flow = self.flows.pop(key, None)
        if flow is not None:
            self._by_entry[key[:3]].remove(flow)
            if not self._by_entry[key[:3]]:
                del self._by_entry[key[:3]]
            del self._by_home[key[0]][key]
            if not self._by_home[key[0]]:
                del self._by_home[key[0]]
        return flow

    def replay_window(self, flow: CryptoFlow | None) -> int:
        """Packets that may come out of order on new SAs of a flow (RFC 4303, 3.4.3): the map's own, or everybody's."""
        entry = self.entry_of(flow) if flow is not None else None
        own = entry.replay_window if entry is not None else None
        return own if own is not None else self.device.config.of(IpsecConfig).replay_window

    def install(self, pair: SadbPair, flow: CryptoFlow) -> None:
        """Put a pair to work for a flow."""
        if self.style.volume_jitter and pair.volume:
            pair.volume = int(pair.volume * (0.951 + 0.047 * self.device.rng.random()))
        pair.owner = flow
        if not pair.inbound[0].tunnel and self.protected.facing(flow.interface, pair.peer) is not None:
            pair.selector = flow.selector  # the peer may have named an address that NAT hides
        self.requests.done(flow)
        self.number(pair)
        self.sadb.add(pair)
        self.alarms.session(pair, "UP")
        flow.pairs.append(pair)
        self.used_keys.pair(pair)
        if pair.usable:
            self.supersede(pair)
        self.protected.sas_changed(flow.interface)
        self.routes.follow(flow)
        self.life.watch(pair)
        self.dummies.fit()

    def number(self, pair: SadbPair) -> None:
        """Give the SAs of a new pair their connection and flow ids."""
        directions = (pair.inbound, pair.outbound)
        shared = self.sadb.free_flow_id()
        for sas in directions if self.style.inbound_first else directions[::-1]:
            for sa in sas:
                sa.conn_id = self.next_conn_id
                sa.flow_id = shared if self.style.flow_shared else self.next_flow_id
                self.next_conn_id += 1
                self.next_flow_id += 1

    def supersede(self, pair: SadbPair) -> None:
        """`pair` carries the flow's packets from now on; older pairs only receive, until they expire."""
        new, pair.usable = not pair.usable, True
        flow = pair.owner
        assert isinstance(flow, CryptoFlow)
        flow.tried = 0
        flow.dead = False
        for older in flow.pairs:
            if older is pair:
                break
            older.superseded = True
        if new:
            self.protected.sas_changed(flow.interface)

    def remove_pair(self, pair: SadbPair, *, tell_peer: bool = True) -> None:
        """Delete a pair of SAs; with `tell_peer` a delete is sent over an ISAKMP SA, if there is one."""
        self.sadb.remove(pair)
        self.alarms.session(pair, "DOWN")
        flow = pair.owner
        if isinstance(flow, CryptoFlow) and pair in flow.pairs:
            flow.pairs.remove(pair)
            self._tidy(flow)
        if isinstance(flow, CryptoFlow):
            self.protected.sas_changed(flow.interface)
        if tell_peer and pair.ike_version == 2:
            self.ikev2.engine.delete_child(pair.inbound[0].spi, self.now)
        elif tell_peer and not pair.manual:
            for sa in pair.inbound:
                identifier = PROTOCOL_IDS[sa.protocol]
                self.ike.delete_child(pair.local, pair.peer, identifier, (sa.spi,), self.now)
        if isinstance(flow, CryptoFlow):
            self.routes.follow(flow)
        self.clients.tidy()
        self.life.forget(pair)
        self.dummies.fit()
        self.pump()

    def _tidy(self, flow: CryptoFlow) -> None:
        """A flow of a dynamic map ends with its last SA."""
        if not flow.pairs and self.temporary.get(flow.map_name, flow.sequence) is not None:
            self.requests.done(flow)
            self._forget_flow(flow.key)
            self.temporary.remove(flow.map_name, flow.sequence)

    def clear(
        self,
        *,
        peer: IPv4Address | None = None,
        map_name: str | None = None,
        local: IPv4Address | None = None,
    ) -> None:
        """`clear crypto sa`: delete IPsec SAs (all, of a peer, of a map, of an own address) and their counters."""
        self.requests.clear()
        for pair in self.sadb:
            flow = pair.owner
            if peer not in (None, pair.peer) or local not in (None, pair.local):
                continue
            if map_name is not None and not (isinstance(flow, CryptoFlow) and flow.map_name == map_name):
                continue
            self.remove_pair(pair)
            if isinstance(flow, CryptoFlow):
                flow.counters = FlowCounters()
        self.manual.fit()

    def clear_counters(self) -> None:
        """`clear crypto sa counters`."""
        for flow in self.flows.values():
            flow.counters = FlowCounters()

    def clear_isakmp(
        self,
        conn_id: int | None = None,
        peer: IPv4Address | None = None,
        local: IPv4Address | None = None,
    ) -> None:
        """`clear crypto isakmp`: delete ISAKMP SAs; IPsec SAs stay."""
        self.requests.clear()
        self.ike.delete_sa(self.now, conn_id, peer, local)
        self.groups.clear_isakmp(conn_id, peer, local)
        self.pump()

    def clear_ikev2(
        self,
        peer: IPv4Address | None = None,
        local: IPv4Address | None = None,
        number: int | None = None,
    ) -> None:
        """`clear crypto ikev2 sa`: delete IKE SAs with their child SAs."""
        self.requests.clear()
        self.ikev2.engine.delete_sa(self.now, peer, local, number)
        self.pump()

    # --- negotiation ---------------------------------------------------------------------------------

    def negotiate(
        self,
        flow: CryptoFlow,
        *,
        local: IPv4Address | None = None,
        repeats: int = 0,
        replaces: SadbPair | None = None,
    ) -> bool:
        """Ask IKE for SAs of a flow; False when the entry cannot ask for any.

        `repeats`: how many times they were asked for before in vain; `replaces`: what they are to renew.
        """
        entry = self.entry_of(flow)
        if entry is None or entry.manual is not None or entry.responder_only or not self.running:
            return False
        if entry.client is not None and not self.ezvpn.may_ask(entry.client):
            return False
        local = local or self.ezvpn.local_of(entry.client) or self.addresses.local_of(flow.interface)
        peer = self.peer_of(flow)
        if local is None or peer is None:
            return False
        front = self.front_of(flow.interface)
        if front is None or not front.is_local(local):
            return False
        self.fronts.note(local, peer, front.name)
        request = self.policy.request(flow, entry, local, peer)
        if request is None:
            return False
        if entry.ikev2_profile is not None:
            self.ikev2.initiate(request, entry.ikev2_profile, replaces)
        else:
            self.ike.initiate(request, self.now, repeats)
        self.pump()
        return True

    def pump(self) -> None:
        """Send what IKE has to send, act on what it reports, and plan its next timer."""
        if self._pumping:
            return
        self._pumping = True
        try:
            while True:
                datagrams, events = self.ike.datagrams(), self.ike.events()
                for datagram in datagrams:
                    self.wire.transmit(datagram)
                for event in events:
                    installs = isinstance(event, ChildUp)  # first: debug prints the connection ids
                    if installs:
                        self.events.handle(event)
                    self.debug.tell(event)
                    if not installs:
                        self.events.handle(event)
                for sa in self.ike.keyed():
                    self.used_keys.phase1(sa)
                if not self.ikev2.pump() and not datagrams and not events:
                    break
        finally:
            self._pumping = False
        if self.ike.waits or self.ikev2.engine.waits:
            self.device.service(Pki).revocations.when_settled(self.resume)
        times = [time for time in (self.ike.next_timer(), self.ikev2.engine.next_timer()) if time is not None]
        due = min(times, default=None)
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self.device.scheduler.at(due, self._tick) if due is not None else None

    def resume(self) -> None:
        """Peers may be judged now that could not be before: a revocation list, or an AAA server's answer, has come."""
        if self.running:
            self.ike.resume(self.now)
            self.ikev2.engine.resume(self.now)
            self.pump()

    def front_of(self, interface: str) -> Vrf | None:
        """The routing instance in which the peers of an interface's flows are; None: it is not there."""
        stack = self.device.service(IpStack)
        if self.protected.has(interface):
            return stack.find_vrf(self.protected.front(interface))
        return stack.vrf_of(interface)

    def phase1_sas(self) -> list[IsakmpSa]:
        """All ISAKMP SAs, those of GDOI among them."""
        return [*self.ike.sas, *self.groups.sas()]

    def _tick(self) -> None:
        self._timer = None
        self.ike.tick(self.now)
        self.ikev2.engine.tick(self.now)
        self.pump()

    def exported_keys(self) -> dict[str, list[dict[str, Any]]]:
        """All keys used since power on, for Wireshark: `{"ike": [...], "ikev2": [...], "esp": [...]}`."""
        return {
            "ike": list(self.used_keys.ike.values()),
            "ikev2": list(self.ikev2.keys.values()),
            "esp": list(self.used_keys.esp.values()),
        }
