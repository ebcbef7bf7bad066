"""The IKE engine of one router: datagrams, requests and time in; datagrams and events out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from ipaddress import IPv4Address

from iosemu.ike import (
    access,
    aggressive_mode,
    events,
    informational,
    main_mode,
    quick_mode,
    timers,
    trace,
)
from iosemu.ike.admission import AdmissionCounters
from iosemu.ike.configuration import Configuration
from iosemu.ike.header import NotifyType
from iosemu.ike.machine import ConnIds, Machine
from iosemu.ike.payloads import Deletion, Notification
from iosemu.ike.reception import Reception
from iosemu.ike.sa import IsakmpSa, Role, State
from iosemu.ike.table import SaTable
from iosemu.ike.types import ChildRequest, Datagram, Endpoint

MOST_NOTICES = 8
"""Notifications that wait for phase 1 with a peer."""


class Engine:
    """Sans-IO IKEv1 for one device.

    Call a method, then take `datagrams()` and `events()`, then ask `next_timer()`. No method raises for what a
    peer sends. Lab time is in seconds.
    """

    def __init__(
        self,
        configuration: Configuration,
        randbytes: Callable[[int], bytes],
        first_conn_id: int = 1001,
        conn_ids: ConnIds | None = None,
    ) -> None:
        self._machine = Machine(configuration, randbytes, conn_ids or ConnIds(first_conn_id))
        self._reception = Reception(self._machine)

    @property
    def conn_ids(self) -> ConnIds:
        """Who deals out connection ids, for another engine of the same box."""
        return self._machine.conn_ids

    @property
    def sas(self) -> SaTable:
        """The SA table in order of creation, deleted ones included until they are purged. Live: do not keep."""
        return self._machine.sas

    @property
    def admissions(self) -> AdmissionCounters:
        """What call admission control has counted."""
        return self._machine.admissions

    def datagrams(self) -> list[Datagram]:
        """Take what is to be sent, in order."""
        taken, self._machine.outgoing = self._machine.outgoing, []
        return taken

    def events(self) -> list[events.Event]:
        """Take what has happened, in order."""
        taken, self._machine.happened = self._machine.happened, []
        return taken

    def keyed(self) -> list[IsakmpSa]:
        """Take the SAs that have got their keys."""
        taken, self._machine.keyed = self._machine.keyed, []
        return taken

    def heard_by(self, wants: Callable[[], bool]) -> None:
        """Report steps (`trace`) only while `wants` says so; until this is called always."""
        self._machine.heard = wants

    def next_timer(self) -> float | None:
        """Lab time at which `tick` must be called, or None."""
        return timers.next_due(self._machine)

    def tick(self, now: float) -> None:
        """Do what is due: retransmit, expire, purge, DPD, NAT keepalives."""
        self._machine.now = now
        timers.run(self._machine)

    # Requests.

    def initiate(self, request: ChildRequest, now: float, repeats: int = 0) -> None:
        """Ask for IPsec SAs: over an SA in QM_IDLE if there is one, else phase 1 is made first.

        A request equal in its peers and selectors to one under way is not begun again; `repeats`: how many times
        it was asked for before, which is reported. The end is a `ChildUp` or a
        `RequestFailed`. A rekey is the same request again, once the first is done.
        """
        machine = self._machine
        machine.now = now
        begun = reversed(machine.sas.begun(request.peer))
        same = (sa for sa in begun if sa.local.address == request.local and sa.client == request.client)
        budding = next((sa for sa in same if not sa.up), None)
        if repeats:
            machine.emit(trace.RequestRepeated, budding, request, repeats)
        if not machine.ask(request):
            return
        machine.emit(trace.Requested, None, request)
        up = machine.find_up(request.local, request.peer, request.profile)
        if up is not None and request.client in (None, up.client):
            machine.emit(trace.OutstandingRequest, up, request)
            quick_mode.begin(machine, up, request)
        elif budding is not None:
            budding.requests.append(request)
            machine.emit(trace.RequestAttached, budding, request)
        else:
            self._begin(request)

    def _begin(self, request: ChildRequest) -> None:
        machine = self._machine
        local, peer = Endpoint(request.local), Endpoint(request.peer)
        if request.client is None and request.aggressive and not machine.configuration.aggressive_mode():
            machine.emit(events.ModeFailure, None, "Aggressive", peer)
            machine.fail_requests([request], None, "aggressive mode is disabled")
            return
        if not machine.admit(local, peer, incoming=False):
            machine.fail_requests([request], None, "call admission control")
            return
        sa = IsakmpSa(local, peer, Role.INITIATOR, machine.randbytes(8))
        sa.aggressive = request.aggressive
        sa.profile, sa.client = request.profile, request.client
        sa.requests.append(request)
        self._send_first(sa)

    def _send_first(self, sa: IsakmpSa) -> bool:
        """Put a new SA into the table and begin phase 1; False where there is nothing to do it with."""
        machine = self._machine
        sa.state = State.AG_NO_STATE if sa.aggressive else State.MM_NO_STATE
        machine.insert(sa)
        begin = aggressive_mode.begin if sa.aggressive else main_mode.begin
        if begin(machine, sa):
            return True
        machine.emit(trace.NoCredentials, sa, sa.peer)
        machine.abandon(sa, "No Cert or pre-shared address key.")
        return False

    # Remote access.

    def connect(self, local: IPv4Address, peer: IPv4Address, client: str, now: float) -> int | None:
        """Begin phase 1 for an Easy VPN client, in aggressive mode; the SA's number, None where it cannot be.

        `UserAsked`, `ConfigurationReceived` and `AccessReady` tell how it goes on.
        """
        machine = self._machine
        machine.now = now
        here, there = Endpoint(local), Endpoint(peer)
        if not machine.admit(here, there, incoming=False):
            return None
        sa = IsakmpSa(here, there, Role.INITIATOR, machine.randbytes(8))
        sa.aggressive, sa.client = True, client
        return sa.number if self._send_first(sa) else None

    def decide(self, number: int, now: float, *, accepted: bool) -> None:
        """What AAA says to the user of a `UserSaid`."""
        machine = self._machine
        machine.now = now
        sa = machine.sas.get(number)
        if sa is not None:
            access.decide(machine, sa, accepted=accepted)
            machine.touch(sa)

    def reply(self, number: int, user: str, password: str, now: float) -> bool:
        """Answer a `UserAsked`; False when nobody waits for it any more."""
        machine = self._machine
        machine.now = now
        sa = machine.sas.get(number)
        if sa is None:
            return False
        machine.touch(sa)
        return access.reply(machine, sa, user, password)

    # Datagrams.

    def receive(self, data: bytes, local: Endpoint, peer: Endpoint, now: float) -> None:
        """Take a UDP payload that came to `local` (port 500 or 4500) from `peer`.

        On port 4500 it starts with the non-ESP marker (RFC 3948); a keepalive (one byte FF) is ignored.
        """
        self._machine.now = now
        self._reception.receive(data, local, peer)

    # What the router tells.

    @property
    def waits(self) -> bool:
        """Whether messages wait for certificates to be judged: `resume` when that may be possible."""
        return bool(self._machine.postponed)

    def resume(self, now: float) -> None:
        """Look again at what could not be judged."""
        self._machine.now = now
        self._reception.resume()

    def delete_sa(
        self,
        now: float,
        conn_id: int | None = None,
        peer: IPv4Address | None = None,
        local: IPv4Address | None = None,
    ) -> int:
        """`clear crypto isakmp [conn-id]`: delete all, the SA of a conn-id, those between addresses; tells the peer.

        Returns how many were deleted. IPsec SAs remain.
        """
        machine = self._machine
        machine.now = now
        chosen = [
            sa
            for sa in machine.sas
            if not sa.deleted
            and (conn_id is None or sa.conn_id == conn_id)
            and peer in (None, sa.peer.address)
            and local in (None, sa.local.address)
        ]
        for sa in chosen:
            informational.send_delete(machine, sa)
            machine.delete(sa, "Clear by user")
        return len(chosen)

    def delete_number(self, number: int, now: float) -> None:
        """Delete the SA of a number (`IsakmpSa.number`), and tell the peer."""
        machine = self._machine
        machine.now = now
        sa = machine.sas.get(number)
        if sa is not None and not sa.deleted:
            informational.send_delete(machine, sa)
            machine.delete(sa, "Clear by user")

    def delete_child(
        self, local: IPv4Address, peer: IPv4Address, protocol: int, spis: Sequence[int], now: float
    ) -> bool:
        """Tell a peer that IPsec SAs are gone; `spis` are this side's inbound SPIs of one protocol.

        Returns False when there is no ISAKMP SA to say it over.
        """
        machine = self._machine
        machine.now = now
        machine.release_spis(spis)
        sa = machine.find_up(local, peer)
        if sa is None:
            machine.emit(trace.DeleteNotSent, None, Endpoint(local), Endpoint(peer))
            return False
        if spis:
            packed = tuple(spi.to_bytes(4, "big") for spi in spis)
            informational.send(machine, sa, Deletion(protocol, packed))
        return True

    def drop(self, now: float, local: IPv4Address) -> int:
        """An address went away (interface shut, map removed): delete its SAs without a word to the peers."""
        machine = self._machine
        machine.now = now
        chosen = [sa for sa in machine.sas.at(local) if not sa.deleted]
        for sa in chosen:
            machine.delete(sa, "Interface down")
        return len(chosen)

    def invalid_spi(self, local: IPv4Address, peer: IPv4Address, protocol: int, spi: int, now: float) -> bool:
        """A packet with an unknown SPI came: tell the peer over an SA in QM_IDLE.

        False when there is none; phase 1 is then begun, and the peer told when that is complete.
        """
        machine = self._machine
        machine.now = now
        packed = spi.to_bytes(4, "big")
        notification = Notification(protocol, NotifyType.INVALID_SPI, packed, packed)
        sa = machine.find_up(local, peer)
        if sa is not None:
            informational.send(machine, sa, notification)
            return True
        begun = (each for each in machine.sas.begun(peer) if each.local.address == local and not each.up)
        budding = next(begun, None)
        if budding is None and machine.admit(Endpoint(local), Endpoint(peer), incoming=False):
            budding = IsakmpSa(Endpoint(local), Endpoint(peer), Role.INITIATOR, machine.randbytes(8))
            budding.notices.append(notification)
            self._send_first(budding)
        elif budding is not None and len(budding.notices) < MOST_NOTICES:
            budding.notices.append(notification)
        return False

    def revive(self, local: IPv4Address, peer: IPv4Address, profile: str | None, now: float) -> None:
        """Begin phase 1 with a peer whose IPsec SAs outlived theirs: only so can it be asked whether it lives.

        `PeerDead` where it does not answer. Nothing is done where there is an SA, or one is begun (RFC 3706, 5.5).
        """
        machine = self._machine
        machine.now = now
        begun = any(sa.local.address == local for sa in machine.sas.begun(peer))
        here, there = Endpoint(local), Endpoint(peer)
        if (
            begun
            or machine.find_up(local, peer) is not None
            or not machine.admit(here, there, incoming=False)
        ):
            return
        sa = IsakmpSa(here, there, Role.INITIATOR, machine.randbytes(8))
        sa.profile, sa.reviving = profile, True
        self._send_first(sa)

    def traffic_sent(self, peer: IPv4Address, now: float) -> None:
        """The datapath sent ESP or AH to a peer: drives on-demand DPD."""
        machine = self._machine
        machine.now = now
        for sa in machine.sas.up(peer):
            if not sa.dpd or sa.dpd_next is not None:
                continue
            keepalive = machine.configuration.keepalive(sa.profile)
            if keepalive is not None and not keepalive[2] and now - sa.last_heard >= keepalive[0]:
                informational.send_probe(machine, sa, keepalive[1])

    def traffic_received(self, peer: IPv4Address, now: float) -> None:
        """The datapath got valid ESP or AH from a peer: it is alive."""
        self._machine.now = now
        for sa in self._machine.sas.up(peer):
            informational.alive(self._machine, sa)
