"""The IKEv2 engine of one router: datagrams, requests and time in; datagrams and events out."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address

from iosemu.ike.types import ChildRequest, Datagram, Endpoint
from iosemu.ikev2 import events, informational, init, timers
from iosemu.ikev2.children import offered
from iosemu.ikev2.configuration import Configuration
from iosemu.ikev2.counters import Counters
from iosemu.ikev2.create_child import CreateChild
from iosemu.ikev2.events import Step
from iosemu.ikev2.informational import DeleteChild
from iosemu.ikev2.machine import Machine
from iosemu.ikev2.mode_config import ConfigSet
from iosemu.ikev2.reception import Reception
from iosemu.ikev2.sa import ChildState, IkeSa, Role, State
from iosemu.ikev2.table import SaTable


class Engine:
    """Sans-IO IKEv2 for one device.

    Call a method, then take `datagrams()` and `events()`, then ask `next_timer()`. No method raises for what a
    peer sends. Lab time is in seconds.
    """

    def __init__(self, configuration: Configuration, randbytes: Callable[[int], bytes]) -> None:
        self._machine = Machine(configuration, randbytes)
        self._reception = Reception(self._machine)

    @property
    def sas(self) -> SaTable:
        """The SA table in order of creation. Live: do not keep."""
        return self._machine.sas

    @property
    def counters(self) -> Counters:
        """What was counted since power on."""
        return self._machine.counters

    def datagrams(self) -> list[Datagram]:
        """Take what is to be sent, in order."""
        taken, self._machine.outgoing = self._machine.outgoing, []
        return taken

    def events(self) -> list[events.Event]:
        """Take what has happened, in order."""
        taken, self._machine.happened = self._machine.happened, []
        return taken

    def keyed(self) -> list[IkeSa]:
        """Take the SAs that have got their keys."""
        taken, self._machine.keyed = self._machine.keyed, []
        return taken

    def heard_by(self, wants: Callable[[], bool]) -> None:
        """Report steps (but failures) and messages only while `wants` says so; until this is called always."""
        self._machine.heard = wants

    def next_timer(self) -> float | None:
        """Lab time at which `tick` must be called, or None."""
        return timers.next_due(self._machine)

    def tell(self, serial: int, attributes: tuple[tuple[int, bytes], ...], now: float) -> None:
        """Tell the peer of an established SA configuration attributes (CFG_SET)."""
        sa = self._machine.sas.get(serial)
        self._machine.now = now
        if sa is not None and sa.up:
            self._machine.begin(sa, ConfigSet(attributes))

    def tick(self, now: float) -> None:
        """Do what is due."""
        self._machine.now = now
        timers.run(self._machine)

    def receive(self, data: bytes, local: Endpoint, peer: Endpoint, now: float) -> None:
        """Take a UDP payload that came to `local` (port 500 or 4500) from `peer`.

        On port 4500 it starts with the non-ESP marker (RFC 3948); a keepalive (one byte FF) is ignored.
        """
        self._machine.now = now
        self._reception.receive(data, local, peer)

    def initiate(self, request: ChildRequest, now: float, replaces: int | None = None) -> None:
        """Ask for child SAs: over an established SA if there is one, else one is made first.

        `replaces`: the own SPI of child SAs that these are to renew. A request equal in its peers and selectors to
        one under way is not begun again. The end is a `ChildUp` or a `RequestFailed`.
        """
        machine = self._machine
        machine.now = now
        if not machine.ask_for(request):
            return
        if not offered(request):
            machine.fail(None, request, "no transform set that IKEv2 has a form for")
            return
        holder = machine.sas.by_child(replaces) if replaces is not None else None
        if holder is not None and replaces is not None:
            old = holder.children[replaces]
            if not holder.up or old.state is not ChildState.UP:
                machine.fail(holder, request, "it is being renewed or deleted")
                return
            machine.begin(holder, CreateChild(request, old))
            return
        up = machine.find_up(request.local, request.peer, request.profile)
        if up is not None:
            machine.begin(up, CreateChild(request))
            return
        for sa in reversed(machine.sas.with_peer(request.peer)):
            mine = sa.negotiating and sa.role is Role.INITIATOR
            if mine and sa.local.address == request.local and sa.profile == request.profile:
                sa.requests.append(request)
                return
        self._begin(request)

    def _begin(self, request: ChildRequest) -> None:
        machine = self._machine
        if not machine.admit(incoming=False):
            machine.tell(None, Step.DENIED, request.peer)
            machine.fail(None, request, "limit of IKEv2 SAs")
            return
        sa = IkeSa(Endpoint(request.local), Endpoint(request.peer), Role.INITIATOR, machine.randbytes(8))
        sa.profile = request.profile
        ready = sa.profile is not None and self._can_prove(sa.profile, request.peer)
        if sa.profile is None or not machine.configuration.signs(sa.profile):
            machine.tell(None, Step.KEY_SEARCH, sa.profile, ready)
        machine.insert(sa)
        sa.requests.append(request)
        if not ready or not init.begin(machine, sa):
            machine.remove(sa, "nothing to authenticate with")

    def _can_prove(self, profile: str, peer: IPv4Address) -> bool:
        """Whether there is a key, or a certificate, to begin with."""
        configuration = self._machine.configuration
        if configuration.signs(profile):
            return configuration.proof(profile, b"") is not None
        return bool(configuration.secret(profile, peer, None, own=True))

    @property
    def waits(self) -> bool:
        """Whether messages wait for certificates to be judged: `resume` when that may be possible."""
        return bool(self._machine.postponed)

    def resume(self, now: float) -> None:
        """Look again at what could not be judged."""
        self._machine.now = now
        self._reception.resume()

    def abandon(self, tag: object, now: float) -> None:
        """Nobody wants what requests with this tag ask for: an SA that is negotiated for them alone is given up."""
        machine = self._machine
        machine.now = now
        for sa in machine.sas.begun():
            gone = [each for each in sa.requests if each.tag is tag]
            if not gone:
                continue
            for request in gone:
                sa.requests.remove(request)
                machine.done(request)
            if not sa.requests:
                machine.remove(sa, "no longer wanted")

    def delete_sa(
        self,
        now: float,
        peer: IPv4Address | None = None,
        local: IPv4Address | None = None,
        number: int | None = None,
    ) -> int:
        """`clear crypto ikev2 sa`: end all SAs, that of a tunnel id, those between addresses; tells the peers.

        Returns how many were ended. Their child SAs go with them (RFC 7296, 1.4.1).
        """
        machine = self._machine
        machine.now = now
        chosen = [
            sa
            for sa in (machine.sas if peer is None else machine.sas.with_peer(peer))
            if peer in (None, sa.peer.address)
            and local in (None, sa.local.address)
            and number in (None, sa.number)
        ]
        for sa in chosen:
            if sa.state is State.READY:
                informational.close(machine, sa, "cleared")
            elif sa.negotiating:
                machine.remove(sa, "cleared")
        return len(chosen)

    def delete_child(self, spi: int, now: float) -> bool:
        """Tell a peer that child SAs are gone; `spi` is this side's. False when no SA has them any more."""
        machine = self._machine
        machine.now = now
        sa = machine.sas.by_child(spi)
        if sa is None:
            return False
        child = sa.children[spi]
        if child.state is not ChildState.DELETING:
            child.state = ChildState.DELETING
            machine.begin(sa, DeleteChild(child.protocol, spi))
        return True

    def drop(self, now: float, local: IPv4Address) -> None:
        """An address went away (interface shut, map removed): forget its SAs without a word to the peers."""
        machine = self._machine
        machine.now = now
        for sa in machine.sas.at(local):
            machine.remove(sa, "interface down")

    def traffic_sent(self, peer: IPv4Address, now: float) -> None:
        """The datapath sent ESP or AH to a peer: drives on-demand liveness checks."""
        machine = self._machine
        machine.now = now
        for sa in machine.sas.with_peer(peer):
            liveness = machine.configuration.liveness(sa.profile) if sa.up and sa.profile else None
            if liveness is not None and not liveness.periodic and now - sa.last_heard >= liveness.interval:
                timers.probe(machine, sa, liveness.retry)

    def traffic_received(self, peer: IPv4Address, now: float) -> None:
        """The datapath got valid ESP or AH from a peer: it is alive."""
        for sa in self._machine.sas.with_peer(peer):
            if sa.up:
                sa.last_heard = now
