"""Phase 1 on port 848 and the GROUPKEY-PULL exchanges under it: datagrams and requests in, outcomes out."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address

from iosemu.gdoi import coop, exchange
from iosemu.gdoi.coop import COOP_EXCHANGE, Announcement
from iosemu.gdoi.exchange import Denied, KeyServers, Outcome, Pull
from iosemu.gdoi.numbers import PORT
from iosemu.ike import informational, main_mode, quick_mode, trace
from iosemu.ike.algorithms import cipher_block
from iosemu.ike.configuration import Configuration
from iosemu.ike.engine import Engine
from iosemu.ike.header import Header, MalformedMessage, NotifyType
from iosemu.ike.machine import ConnIds, Machine
from iosemu.ike.message import Message, chain
from iosemu.ike.payloads import HashData
from iosemu.ike.reception import Reception
from iosemu.ike.sa import IsakmpSa, Role
from iosemu.ike.types import Endpoint, Identity


class GdoiEngine(Engine):
    """The ISAKMP SAs of GDOI; where IKE has quick mode there is GROUPKEY-PULL, which has the same number."""

    def __init__(
        self,
        configuration: Configuration,
        randbytes: Callable[[int], bytes],
        conn_ids: ConnIds,
        servers: KeyServers,
    ) -> None:
        super().__init__(configuration, randbytes, conn_ids=conn_ids)
        self._pulls = PullReception(self._machine, servers)
        self._reception = self._pulls

    def outcomes(self) -> list[Outcome]:
        """Take what has come of exchanges, in order."""
        taken, self._pulls.outcomes = self._pulls.outcomes, []
        return taken

    def register(self, local: IPv4Address, server: IPv4Address, group: Identity, now: float) -> bool:
        """Ask a key server for a group's policy and keys; False when there is nothing to authenticate with."""
        machine = self._machine
        machine.now = now
        up = machine.find_up(local, server)
        if up is not None:
            exchange.begin(machine, up, group)
            return True
        for sa in machine.sas.begun(server):
            if sa.local.address == local:
                self._pulls.wanted.setdefault(sa.number, []).append(group)
                return True
        sa = IsakmpSa(Endpoint(local, PORT), Endpoint(server, PORT), Role.INITIATOR, machine.randbytes(8))
        machine.insert(sa)
        if not main_mode.begin(machine, sa):
            machine.emit(trace.NoCredentials, sa, sa.peer)
            machine.abandon(sa, "No Cert or pre-shared address key.")
            return False
        self._pulls.wanted[sa.number] = [group]
        return True

    def announce(self, local: IPv4Address, peer: IPv4Address, announcement: Announcement, now: float) -> bool:
        """Tell another key server; phase 1 is begun where there is none. False: with nothing to authenticate."""
        machine = self._machine
        machine.now = now
        up = machine.find_up(local, peer)
        if up is not None:
            send_announcement(machine, up, announcement)
            return True
        for sa in machine.sas.begun(peer):
            if sa.local.address == local:
                self._pulls.told[sa.number] = announcement
                return True
        sa = IsakmpSa(Endpoint(local, PORT), Endpoint(peer, PORT), Role.INITIATOR, machine.randbytes(8))
        machine.insert(sa)
        if not main_mode.begin(machine, sa):
            machine.emit(trace.NoCredentials, sa, sa.peer)
            machine.abandon(sa, "No Cert or pre-shared address key.")
            return False
        self._pulls.told[sa.number] = announcement
        return True

    def established(self, local: IPv4Address, peer: IPv4Address) -> bool:
        """Whether there is a phase 1 with another key server."""
        return self._machine.find_up(local, peer) is not None

    def announcements(self) -> list[tuple[IPv4Address, IPv4Address, Announcement]]:
        """Take what key servers told: own address, peer's, and what."""
        taken, self._pulls.announced = self._pulls.announced, []
        return taken

    def forget(self, local: IPv4Address, server: IPv4Address, now: float) -> None:
        """A registration came to nothing: what was begun for it is over."""
        machine = self._machine
        machine.now = now
        for sa in machine.sas.begun(server):
            if sa.local.address == local and not sa.up:
                machine.delete(sa, "GDOI registration timed out")


class PullReception(Reception):
    """The receiving half, with GROUPKEY-PULL."""

    def __init__(self, machine: Machine, servers: KeyServers) -> None:
        super().__init__(machine)
        self._servers = servers
        self.outcomes: list[Outcome] = []
        self.announced: list[tuple[IPv4Address, IPv4Address, Announcement]] = []
        self.told: dict[int, Announcement] = {}
        """What waits for the phase 1 of an SA, by its number."""
        self.wanted: dict[int, list[Identity]] = {}
        """Groups that wait for the phase 1 of an SA, by its number."""

    def _advance(self, sa: IsakmpSa, message: Message, data: bytes) -> None:
        super()._advance(sa, message, data)
        if sa.deleted:
            self.wanted.pop(sa.number, None)
            self.told.pop(sa.number, None)
        elif sa.up:
            announcement = self.told.pop(sa.number, None)
            if announcement is not None:
                send_announcement(self._machine, sa, announcement)
            for group in self.wanted.pop(sa.number, []):
                exchange.begin(self._machine, sa, group)

    def _informational(self, sa: IsakmpSa, header: Header, data: bytes, peer: Endpoint) -> None:
        super()._informational(sa, header, data, peer)
        for node in sa.nodes.values():
            if isinstance(node, Pull) and node.initiator and node.done and not node.told:
                node.told = True
                self.outcomes.append(Denied(node.group, sa.local.address, sa.peer.address))

    def _other(self, sa: IsakmpSa, header: Header, data: bytes, peer: Endpoint) -> None:
        if header.exchange != COOP_EXCHANGE:
            super()._other(sa, header, data, peer)
            return
        if not sa.up or sa.keys is None or not header.message_id:
            raise MalformedMessage(
                NotifyType.INVALID_EXCHANGE_TYPE, "announcement before phase 1 is complete"
            )
        if header.message_id in sa.seen_messages:
            return
        iv = sa.keys.message_iv(sa.iv, header.message_id)
        message = self._decrypt(sa, header, data, iv, coop.OWN_PAYLOADS)
        informational.authenticate(sa, message)
        sa.remember(header.message_id, self._machine.now)
        self.announced.append((sa.local.address, sa.peer.address, Announcement.of(message)))
        informational.alive(self._machine, sa)

    def _quick(self, sa: IsakmpSa, header: Header, data: bytes, peer: Endpoint) -> None:
        machine = self._machine
        if not sa.up or sa.keys is None or not header.message_id:
            raise MalformedMessage(
                NotifyType.INVALID_EXCHANGE_TYPE, "GROUPKEY-PULL before phase 1 is complete"
            )
        known = sa.nodes.get(header.message_id)
        if known is not None and data == known.last_received:
            machine.emit(trace.Duplicate, sa, 2, header.message_id)
            # only the key server answers a repetition with one: two that both did would never end
            if known.last_sent and not known.initiator:
                machine.transmit(sa, known.last_sent)
            return
        if known is not None and known.done:
            return
        if known is None:
            iv = sa.keys.message_iv(sa.iv, header.message_id)
            node = Pull(header.message_id, False, iv)
        else:
            assert isinstance(known, Pull)
            node = known
        message = self._decrypt(sa, header, data, node.iv, exchange.OWN_PAYLOADS)
        before, node.iv = node.iv, data[-cipher_block(sa.keys.encryption) :]
        try:
            self._go_on(sa, node, message, new=known is None)
        except MalformedMessage:
            node.iv = before
            raise
        node.last_received = data
        informational.alive(machine, sa)

    def _go_on(self, sa: IsakmpSa, node: Pull, message: Message, *, new: bool) -> None:
        machine = self._machine
        if new:
            machine.emit(trace.NodeCreated, sa, node.message_id)
            exchange.respond(machine, sa, node, message, self._servers)
            machine.add_node(sa, node)
        elif not node.initiator:
            self.outcomes.append(exchange.send_keys(machine, sa, node, message))
        elif node.sa is None:
            exchange.read_policy(machine, sa, node, message)
        else:
            self.outcomes.append(exchange.read_keys(machine, sa, node, message))


def send_announcement(machine: Machine, sa: IsakmpSa, announcement: Announcement) -> None:
    """Send one, authenticated and encrypted, under an SA that is up."""
    assert sa.keys is not None
    message_id = quick_mode.new_message_id(machine, sa)
    sa.remember(message_id, machine.now)
    payloads = announcement.payloads()
    digest = HashData(sa.keys.hash_1(message_id, chain(payloads)))
    header = Header(sa.cookie_i, sa.cookie_r, 0, COOP_EXCHANGE, message_id=message_id)
    data, _ = machine.encrypt(sa, header, [digest, *payloads], sa.keys.message_iv(sa.iv, message_id))
    machine.transmit(sa, data)
