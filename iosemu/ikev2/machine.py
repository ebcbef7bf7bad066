"""What every exchange needs of the engine: time, randomness, events, sending, and the life of an SA."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from ipaddress import IPv4Address
from typing import Any, Final, TypeVar

from iosemu.ike.agenda import Agenda
from iosemu.ike.types import ChildRequest, Datagram, Endpoint, TrafficSelector
from iosemu.ikev2 import events
from iosemu.ikev2.configuration import Configuration
from iosemu.ikev2.counters import Counters
from iosemu.ikev2.events import Step
from iosemu.ikev2.keys import IkeKeys
from iosemu.ikev2.message import Header, Message, clear_message, fragments, sealed_message
from iosemu.ikev2.numbers import ExchangeType, Notify
from iosemu.ikev2.payloads import Configuration as ConfigurationPayload
from iosemu.ikev2.payloads import Notification, Payload
from iosemu.ikev2.sa import Child, IkeSa, Role, State
from iosemu.ikev2.table import SaTable
from iosemu.ikev2.tasks import Pending, QueuedTask, Task

E = TypeVar("E", bound=events.Event)
FlowKey = tuple[IPv4Address, IPv4Address, TrafficSelector, TrafficSelector]

EXCHANGE_NAMES: Final = {int(each): each.name for each in ExchangeType}
FLOAT_PORT: Final = 4500
NON_ESP_MARKER: Final = bytes(4)
NONCE_LENGTH: Final = 32
_FAILED: Final = Step.FAILED
FIRST_CE_ID: Final = 1001
REKEY_SHARE: Final = 0.05
"""Of its lifetime an IKE SA is renewed so much ahead of its end; its responder waits for half of that."""
CLOSING_PATIENCE: Final = 30.0
"""Seconds after which an SA is deleted that the peer should have deleted."""


class Machine:
    """The engine's inner services; the exchanges work on it."""

    def __init__(self, configuration: Configuration, randbytes: Callable[[int], bytes]) -> None:
        self.configuration = configuration
        self.randbytes = randbytes
        self.now = 0.0
        self.sas = SaTable()
        self.agenda: Agenda[IkeSa] = Agenda()
        self.touched: dict[IkeSa, None] = {}
        self.counters = Counters()
        self.outgoing: list[Datagram] = []
        self.happened: list[events.Event] = []
        self.heard: Callable[[], bool] = lambda: True
        """Whether anybody wants to know of steps and messages."""
        self.keyed: list[IkeSa] = []
        """SAs that have got their keys."""
        self.cookie_secret = b""
        self.cookie_made = float("-inf")
        self.spi_complaint = float("-inf")
        """Lab time of the last INVALID_IKE_SPI."""
        self.postponed: dict[IkeSa, Message] = {}
        """The message of each SA that could not be judged yet."""
        self._sessions = 0
        self._ce_ids = FIRST_CE_ID - 1
        self._spis: set[int] = set()
        self._asked: set[FlowKey] = set()

    # --- telling -------------------------------------------------------------------------------------

    def emit(self, kind: type[E], sa: IkeSa | None, *fields: Any) -> None:
        """Report an event; time and snapshot are filled in."""
        snapshot = events.SaSnapshot.of(sa) if sa is not None else None
        self.happened.append(kind(self.now, snapshot, *fields))

    def tell(self, sa: IkeSa | None, step: Step, *values: object) -> None:
        """Report a step, if anybody wants to know; a failure is always reported."""
        if step is _FAILED or self.heard():
            self.emit(events.Told, sa, step, values)

    def touch(self, sa: IkeSa) -> None:
        """The times of an SA may have changed."""
        self.touched[sa] = None

    # --- SAs -----------------------------------------------------------------------------------------

    def postpone(self, sa: IkeSa, message: Message) -> None:
        """Keep a message until it can be judged."""
        self.tell(sa, Step.POSTPONED)
        self.postponed[sa] = message

    def insert(self, sa: IkeSa) -> None:
        """Put a new SA into the table."""
        sa.created = sa.last_heard = self.now
        if not sa.session:
            self._sessions += 1
            sa.session = self._sessions
        self._ce_ids += 1
        sa.ce_id = self._ce_ids
        self.sas.insert(sa)
        self.touch(sa)

    def admit(self, *, incoming: bool) -> bool:
        """Whether one more SA may be begun; a denial is counted."""
        limits = self.configuration.limits()
        requests = self.counters.incoming if incoming else self.counters.outgoing
        requests.asked += 1
        full = limits.sas and self.sas.established >= limits.sas
        busy = limits.negotiating and self.sas.negotiating >= limits.negotiating
        if full or busy:
            requests.rejected += 1
            self.counters.limit_rejected += 1
            return False
        requests.accepted += 1
        return True

    def use_keys(self, sa: IkeSa, keys: IkeKeys) -> None:
        """The SA has its keys."""
        sa.keys, sa.suite = keys, keys.suite
        self.keyed.append(sa)
        sa.outward = keys.sealer(self.randbytes, initiator=sa.role is Role.INITIATOR)
        sa.inward = keys.sealer(self.randbytes, initiator=sa.role is not Role.INITIATOR)

    def establish(self, sa: IkeSa, *, rekeyed: bool = False) -> None:
        """An SA is established: its times begin."""
        self.sas.move(sa, State.READY)
        assert sa.profile is not None
        sa.established = sa.last_heard = self.now
        sa.half_open_until = None
        sa.lifetime = self.configuration.lifetime(sa.profile)
        ahead = sa.lifetime * REKEY_SHARE
        sa.expires = self.now + sa.lifetime
        sa.rekey_at = sa.expires - (ahead if sa.role is Role.INITIATOR else ahead / 2)
        sa.window = max(sa.window, self.configuration.window())
        liveness = self.configuration.liveness(sa.profile)
        if liveness is not None and liveness.periodic:
            sa.liveness_at = self.now + liveness.interval
        if sa.nat.local and (interval := self.configuration.nat_keepalive()):
            sa.keepalive_at = self.now + interval
        self.touch(sa)
        self.emit(events.SaUp, sa, rekeyed)
        self.tell(sa, Step.ESTABLISHED, sa.lifetime)

    def remove(self, sa: IkeSa, reason: str) -> None:
        """Forget an SA with its child SAs; what it still had to do has failed. The peer is not told here."""
        if not self.sas.holds(sa):
            return
        was_up = sa.established is not None and sa.state in (State.READY, State.CLOSING)
        self.sas.remove(sa)
        self.touch(sa)
        pending, queue = list(sa.pending.values()), list(sa.queue)
        sa.pending.clear()
        sa.queue.clear()
        for task in (*(each.task for each in pending), *queue):
            task.failed(self, sa, reason)
        self.tell(sa, Step.DELETED)
        for child in list(sa.children.values()):
            self.drop_child(sa, child)
        self.emit(events.SaDown, sa, reason, was_up)
        waiting, sa.requests = sa.requests, []
        for request in waiting:
            self.fail(sa, request, reason)

    def find_up(self, local: IPv4Address, peer: IPv4Address, profile: str | None = None) -> IkeSa | None:
        """The newest established SA between two addresses, under a profile if one is named."""
        for sa in reversed(self.sas.with_peer(peer)):
            if sa.up and sa.local.address == local and profile in (None, sa.profile):
                return sa
        return None

    # --- child SAs -----------------------------------------------------------------------------------

    def new_spi(self) -> bytes:
        """An SPI that was not given out before (values up to 255 are reserved)."""
        while True:
            spi = int.from_bytes(self.randbytes(4), "big")
            if spi > 0xFF and spi not in self._spis:
                self._spis.add(spi)
                return spi.to_bytes(4, "big")

    def release_spi(self, spi: bytes) -> None:
        """An SPI is free again."""
        self._spis.discard(int.from_bytes(spi, "big"))

    def drop_child(self, sa: IkeSa, child: Child) -> None:
        """Forget a child SA, and have it removed from the datapath."""
        if sa.children.pop(child.spi, None) is not None:
            self._spis.discard(child.spi)
            self.sas.disown(child.spi)
            self.emit(events.ChildDown, sa, child.protocol, child.spi)

    # --- requests ------------------------------------------------------------------------------------

    def ask_for(self, request: ChildRequest) -> bool:
        """Take on a request for child SAs; False when its like is under way."""
        key = flow_key(request)
        if key in self._asked:
            return False
        self._asked.add(key)
        return True

    def done(self, request: ChildRequest) -> None:
        """A request has come to its end."""
        self._asked.discard(flow_key(request))

    def fail(self, sa: IkeSa | None, request: ChildRequest, reason: str, refusal: int | None = None) -> None:
        """A request came to nothing."""
        self.done(request)
        self.emit(events.RequestFailed, sa, request, reason, refusal)

    # --- messages ------------------------------------------------------------------------------------

    def transmit(self, sa: IkeSa, data: bytes) -> None:
        """Send a message to the SA's peer."""
        self.send(sa.local, sa.peer, data)
        self.touch(sa)

    def send(self, local: Endpoint, peer: Endpoint, data: bytes) -> None:
        """Send a message; on port 4500 it gets its non-ESP marker (RFC 3948)."""
        self.outgoing.append(
            Datagram(local, peer, NON_ESP_MARKER + data if local.port == FLOAT_PORT else data)
        )

    def header(self, sa: IkeSa, exchange: int, message_id: int, *, response: bool) -> Header:
        """The header of a message of this side."""
        initiator = sa.role is Role.INITIATOR
        return Header(sa.spi_i, sa.spi_r, exchange, message_id, response, initiator)

    def begin(self, sa: IkeSa, task: QueuedTask) -> None:
        """Send a request, or keep it until the peer has room for it."""
        sa.queue.append(task)
        self.flush(sa)

    def flush(self, sa: IkeSa) -> None:
        """Send what waits, as far as the peer's window goes."""
        while sa.queue and len(sa.pending) < sa.peer_window:
            if sa.pending and (sa.queue[0].ALONE or any(each.task.ALONE for each in sa.pending.values())):
                return
            oldest = min(sa.pending, default=sa.next_request)
            if sa.next_request >= oldest + sa.peer_window:
                return
            task = sa.queue.pop(0)
            payloads = task.payloads(self, sa)
            if payloads is not None:
                self.request(sa, task, payloads)

    def request(self, sa: IkeSa, task: Task, payloads: Sequence[Payload]) -> list[bytes]:
        """Send a request now; what was sent."""
        header = self.header(sa, task.EXCHANGE, sa.next_request, response=False)
        data = self.build(sa, header, payloads)
        waits = task.waits()
        sa.pending[sa.next_request] = Pending(
            task, int(task.EXCHANGE), data, waits, self.now + waits[0], contents=described(payloads)
        )
        sa.next_request += 1
        self.report_sent(sa, header, payloads)
        for each in data:
            self.transmit(sa, each)
        return data

    def respond(self, sa: IkeSa, asked: Header, payloads: Sequence[Payload]) -> bytes:
        """Answer a request; the answer is kept for its repetition."""
        header = self.header(sa, asked.exchange, asked.message_id, response=True)
        data = self.build(sa, header, payloads)
        sa.answered[asked.message_id] = data
        self.report_sent(sa, header, payloads)
        for each in data:
            self.transmit(sa, each)
        return data[0]

    def build(self, sa: IkeSa, header: Header, payloads: Sequence[Payload]) -> list[bytes]:
        """The datagrams of a message: one, or fragments where it is too long and both ends take them."""
        if header.exchange == ExchangeType.IKE_SA_INIT or sa.outward is None:
            return [clear_message(header, payloads)]
        whole = sealed_message(header, payloads, sa.outward)
        mtu = self.configuration.fragmentation()
        if sa.fragments and mtu and len(whole) + 28 + 4 > mtu:
            return fragments(header, payloads, sa.outward, mtu)
        return [whole]

    def report_sent(self, sa: IkeSa, header: Header, payloads: Sequence[Payload]) -> None:
        """Count and report a message that is being sent."""
        self._count(header, payloads, sent=True)
        sa.message_id = header.message_id
        self._report(events.PacketSent, sa, sa.local, sa.peer, header, payloads)

    def report_received(
        self, sa: IkeSa | None, local: Endpoint, peer: Endpoint, header: Header, payloads: Sequence[Payload]
    ) -> None:
        """Count and report a message that came."""
        self._count(header, payloads, sent=False)
        if sa is not None:
            sa.message_id = header.message_id
        self._report(events.PacketReceived, sa, local, peer, header, payloads)

    def _report(
        self,
        kind: type[events.PacketSent],
        sa: IkeSa | None,
        local: Endpoint,
        peer: Endpoint,
        header: Header,
        payloads: Sequence[Payload],
    ) -> None:
        """Report a message, if anybody wants to know."""
        if not self.heard():
            return
        protected = header.exchange != ExchangeType.IKE_SA_INIT
        where = (local, peer, (header.spi_i, header.spi_r))
        what = (header.exchange, header.response, header.message_id, described(payloads), protected)
        self.emit(kind, sa, *where, *what, tuple(payloads), header.initiator)

    def _count(self, header: Header, payloads: Sequence[Payload], *, sent: bool) -> None:
        counters, response = self.counters, header.response
        name = EXCHANGE_NAMES.get(header.exchange)
        if name is not None:
            counters.exchange(name, sent=sent, response=response)
        for payload in payloads:
            if isinstance(payload, Notification):
                counters.notification(payload.type, sent=sent, response=response)
            elif isinstance(payload, ConfigurationPayload):
                counters.configuration.setdefault(payload.type, [0, 0])[0 if sent else 1] += 1

    def move_to(self, sa: IkeSa, local: Endpoint, peer: Endpoint) -> None:
        """The ports of an SA are others now (RFC 7296, 2.23)."""
        if sa.local.port != local.port:
            sa.local = replace(sa.local, port=local.port)
        if sa.peer.port != peer.port:
            sa.peer = replace(sa.peer, port=peer.port)


def described(payloads: Sequence[Payload]) -> tuple[tuple[int, int], ...]:
    """Payload types, with the notify type where it is one."""
    return tuple([(each.kind, each.type if isinstance(each, Notification) else 0) for each in payloads])


def flow_key(request: ChildRequest) -> FlowKey:
    """What makes two requests the same."""
    return request.local, request.peer, request.local_selector, request.remote_selector


def error(kind: Notify, data: bytes = b"") -> Notification:
    """An error of the IKE SA."""
    return Notification(int(kind), data)
