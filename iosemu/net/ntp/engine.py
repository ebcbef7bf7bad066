"""The engine of a box's NTP: polls, answers, chooses, and says how its clock is to be moved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv4Address

from iosemu.net.ntp.association import BURST, LOCAL, PHI, Association, PeerConfig, Sample
from iosemu.net.ntp.broadcast import (
    INTERVAL_POWER,
    BroadcastConfig,
    Senders,
    ephemeral,
    overheard,
    trusted,
)
from iosemu.net.ntp.selection import Choice, select
from iosemu.net.ntp.state import (
    Datagram,
    Loop,
    Moved,
    NtpCounters,
    NtpSettings,
    Place,
    Right,
    SystemState,
    Told,
)
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.ntp import NO_STRATUM, NOT_SYNCHRONIZED, NTP_PORT, Mode, NtpPacket, difference

STEP = 0.128
"""Seconds of offset above which the clock is stepped (RFC 5905 figure 25)."""
STEP_OUT = 900.0
"""Seconds for which a synchronized clock does not believe in a step."""
LOCAL_POLL = 4
BURST_INTERVAL = 2.0
LIMIT = 30
"""Of the counter that makes the poll interval longer or shorter."""
PRECISION = -24
NOWHERE = IPv4Address(0)


class NtpEngine:
    """`clock()` gives the timestamp that the box's clock shows now; `fraction()` a number in [0, 1)."""

    def __init__(self, clock: Callable[[], int], fraction: Callable[[], float]) -> None:
        self._clock = clock
        self._fraction = fraction
        self.settings = NtpSettings()
        self.associations: list[Association] = []
        self.system = SystemState()
        self.counters = NtpCounters()
        self.loop = Loop.NSET
        self.is_own: Callable[[bytes], bool] = lambda _reference: False
        """Whether a reference ID is an address of the box."""
        self._senders = Senders()
        self._numbers = 0
        self._spike: float | None = None
        self._out: list[Datagram] = []
        self._events: list[Moved | Told] = []

    # --- in and out ------------------------------------------------------------------------------------------

    def datagrams(self) -> list[Datagram]:
        """What is to be sent."""
        out, self._out = self._out, []
        return out

    def events(self) -> list[Moved | Told]:
        """What happened since the last call."""
        events, self._events = self._events, []
        return events

    def next_timer(self) -> float | None:
        """When `tick` is to be called."""
        return min((*(each.due for each in self.associations), *self._senders.due.values()), default=None)

    def configure(self, settings: NtpSettings, now: float) -> None:
        """Take over what was typed; associations that are still wanted keep what they know."""
        self.settings = settings
        wanted = list(settings.peers)
        if settings.master is not None:
            wanted.append(PeerConfig(LOCAL, minpoll=LOCAL_POLL, maxpoll=LOCAL_POLL))
        known = {each.config: each for each in self.associations}
        heard = [each for each in self.associations if each.config.dynamic]
        self.associations = [known.get(config) or self._begin(config, now) for config in wanted]
        places = {(each.config.address, each.config.vrf) for each in self.associations}
        if settings.listening.interfaces or settings.listening.groups:
            self.associations += [
                each for each in heard if (each.config.address, each.config.vrf) not in places
            ]
        self._senders.configure(settings.broadcasts, now, self._fraction)
        if self.system.peer is not None and self.system.peer not in self.associations:
            self._choose(now)
        elif self.system.peer is not None and self.system.peer.local:
            self._local(self.system.peer, now)

    def _begin(self, config: PeerConfig, now: float) -> Association:
        self._numbers += 1
        association = Association(config, self._numbers, poll=config.minpoll, peer_poll=config.minpoll)
        association.due = now if config.address == LOCAL else now + 1.0 + self._fraction()
        return association

    def tick(self, now: float) -> None:
        """Poll those who are due."""
        for association in list(self.associations):
            if association.due <= now and association in self.associations:
                if association.local:
                    self._local(association, now)
                else:
                    self._poll(association, now)
        for config in self._senders.take(now):
            self._broadcast(config)

    # --- polling ---------------------------------------------------------------------------------------------

    def _local(self, association: Association, now: float) -> None:
        """The box's own clock is right by definition."""
        assert self.settings.master is not None
        association.reach = (association.reach << 1 | 1) & 0xFF
        association.stratum, association.leap = self.settings.master - 1, 0
        association.reference_id, association.reference = b"LOCL", self._clock()
        association.heard_at = now
        association.take(Sample(0.0, 0.0, 0.0002, now), now)
        association.due = now + 2.0**LOCAL_POLL
        self._choose(now)

    def _poll(self, association: Association, now: float) -> None:
        config = association.config
        if association.burst_left:
            association.burst_left -= 1
        else:
            was = association.reach
            association.reach = association.reach << 1 & 0xFF
            if was and not association.reach:
                self._events.append(Told("PEERUNREACH", config.address))
                association.clear(association.reference_id)
                self._choose(now)
            if config.dynamic and (association.listening is not None or association.packets_out):
                self._listen(association, now)
                return
            if (config.burst and association.reach) or (config.iburst and not association.reach):
                association.burst_left = BURST - 1
        self._request(association, now)
        association.due = now + (BURST_INTERVAL if association.burst_left else 2.0**association.poll)

    def _listen(self, association: Association, now: float) -> None:
        """A broadcaster was asked what it was to be asked: from here on it is heard, or forgotten."""
        if association.listening is None:
            answered = bool(association.samples)
            association.listening = association.delay if answered else self.settings.listening.delay
            association.reach |= 1  # a broadcast came, or it would not be there
        elif not association.reach:
            self.associations.remove(association)
            return
        association.due = now + 2.0**association.poll

    def _broadcast(self, config: BroadcastConfig) -> None:
        """Tell the time to all on an interface, if it is known here."""
        if self.system.leap == NOT_SYNCHRONIZED:
            return
        packet = replace(
            self._filled(Mode.BROADCAST, INTERVAL_POWER), version=config.version, transmit=self._clock()
        )
        key = config.key
        if key is not None and self._signs(key):
            packet = packet.signed(key, self.settings.keys[key])
        self.counters.sent += 1
        self._out.append(
            Datagram(
                config.destination,
                NTP_PORT,
                config.interface,
                packet.to_bytes(),
                way=config.interface,
                ttl=config.ttl,
            )
        )

    def _request(self, association: Association, now: float) -> None:
        config = association.config
        sent = self._clock() | 1  # never 0, which means that nothing is waited for
        packet = replace(
            self._filled(config.mode, association.poll),
            version=config.version,
            origin=association.origin,
            receive=association.received_at,
            transmit=sent,
        )
        association.transmitted, association.sent_at = sent, now
        association.packets_out += 1
        key = config.key if self._signs(config.key) else None
        self._send(Place(config.address, NTP_PORT, config.vrf), packet, config.source, key)

    def _signs(self, key: int | None) -> bool:
        return self.settings.authenticate and key in self.settings.trusted and key in self.settings.keys

    def _filled(self, mode: Mode, poll: int) -> NtpPacket:
        system = self.system
        passed = difference(self._clock(), system.reference) if system.reference else 0.0
        return NtpPacket(
            mode,
            system.leap,
            4,
            system.stratum,
            poll,
            PRECISION,
            system.root_delay,
            system.root_dispersion + PHI * max(0.0, passed),
            system.reference_id,
            system.reference,
        )

    def _send(self, to: Place, packet: NtpPacket, source: str, key: int | None) -> None:
        if key is not None:
            packet = packet.signed(key, self.settings.keys[key])
        self.counters.sent += 1
        self._out.append(Datagram(to.address, to.port, source, packet.to_bytes(), to.vrf))

    # --- receiving -------------------------------------------------------------------------------------------

    def receive(
        self,
        data: bytes,
        source: IPv4Address,
        right: Right,
        now: float,
        port: int = NTP_PORT,
        vrf: str = "",
        interface: str = "",
        destination: IPv4Address = NOWHERE,
    ) -> None:
        """A datagram from `source` and its port, which may do what `right` says, in a routing instance.

        `interface` is where it came in, `destination` the address that it was sent to.
        """
        self.counters.received += 1
        arrived = self._clock()
        try:
            packet = NtpPacket.parse(data)
        except MalformedPacket:
            self.counters.errors += 1
            return
        if not 1 <= packet.version <= 4:
            self.counters.bad_version += 1
            return
        if right is Right.NONE:
            return
        who = (source, vrf)
        known = (each for each in self.associations if (each.config.address, each.config.vrf) == who)
        association, place = next(known, None), Place(source, port, vrf)
        if packet.mode is Mode.CLIENT:
            self._serve(packet, place, arrived, Mode.SERVER)
        elif packet.mode in (Mode.SERVER, Mode.ACTIVE, Mode.PASSIVE) and association is not None:
            if packet.mode is not Mode.SERVER and association.config.mode is Mode.CLIENT:
                self._serve(packet, place, arrived, Mode.PASSIVE)
            elif right is Right.PEER:
                self._heard(association, packet, arrived, now)
        elif packet.mode is Mode.BROADCAST:
            if right is Right.PEER and self.settings.listening.hears(interface, destination):
                self._overhear(association, packet, place, arrived, now)
        elif packet.mode is Mode.ACTIVE:
            self._serve(packet, place, arrived, Mode.PASSIVE)
        elif packet.mode not in (Mode.SERVER, Mode.PASSIVE):
            self.counters.errors += 1

    def _overhear(
        self, association: Association | None, packet: NtpPacket, source: Place, arrived: int, now: float
    ) -> None:
        """A broadcast: of a stranger it makes an association; where keys are asked for it needs one."""
        settings = self.settings
        signed = trusted(packet, settings.keys, settings.trusted)
        if settings.authenticate and not signed:
            if association is not None and association.config.dynamic:
                association.packets_bad += 1
            return
        if association is None:
            if len(self.associations) < settings.most and packet.leap != NOT_SYNCHRONIZED:
                config = ephemeral(
                    packet if signed else replace(packet, key=None), source.address, source.vrf
                )
                association = self._begin(config, now)
                association.due = now
                self.associations.append(association)
        elif association.listening is not None:
            association.authenticated = settings.authenticate
            if not association.reach:
                self._events.append(Told("PEERREACH", association.config.address))
            if overheard(association, packet, arrived, now, association.listening):
                self._choose(now)

    def _serve(self, packet: NtpPacket, source: Place, arrived: int, mode: Mode) -> None:
        """Answer who asks for the time (RFC 5905 section 9.2, fast_xmit)."""
        answer = replace(
            self._filled(mode, packet.poll),
            version=packet.version,
            origin=packet.transmit,
            receive=arrived,
            transmit=self._clock(),
        )
        if packet.key is None:
            self._send(source, answer, "", None)
            return
        secret = self.settings.keys.get(packet.key)
        if secret is not None and packet.key in self.settings.trusted and packet.signed_by(secret):
            self._send(source, answer, "", packet.key)
        else:
            self.counters.errors += 1
            self._send(source, replace(answer, key=0), "", None)  # a crypto-NAK

    def _heard(self, association: Association, packet: NtpPacket, arrived: int, now: float) -> None:
        association.packets_in += 1
        config = association.config
        symmetric = packet.mode in (Mode.ACTIVE, Mode.PASSIVE)
        if config.key is not None and self.settings.authenticate:
            secret = self.settings.keys.get(config.key)
            trusted = config.key in self.settings.trusted and packet.key == config.key
            association.authenticated = bool(secret is not None and trusted and packet.signed_by(secret))
            if not association.authenticated:
                association.packets_bad += 1
                association.reference_id = b"AUTH"
                return
        expected, association.origin = association.transmitted, packet.transmit
        association.received_at = arrived
        if not packet.transmit or packet.origin != expected or not expected:
            # of a peer that asks for itself this is usual; else somebody makes it up (RFC 5905 section 9.2)
            if not symmetric:
                association.packets_bad += 1
            return
        association.transmitted = 0
        association.peer_mode, association.peer_poll = packet.mode, packet.poll
        association.leap, association.stratum = packet.leap, packet.stratum
        association.precision = packet.precision
        association.root_delay, association.root_dispersion = packet.root_delay, packet.root_dispersion
        association.reference_id, association.reference = packet.reference_id, packet.reference
        if packet.leap == NOT_SYNCHRONIZED or packet.stratum >= NO_STRATUM:
            return
        if not association.reach:
            self._events.append(Told("PEERREACH", config.address))
        association.reach |= 1
        association.heard_at = now
        if not association.heard(packet, arrived, now, PRECISION):
            association.packets_bad += 1
            return
        self._choose(now)

    # --- the truth -------------------------------------------------------------------------------------------

    def _choose(self, now: float) -> None:
        """Select the system peer, and follow it (RFC 5905 sections 11.2, 11.3)."""
        before, system = self.system.peer, self.system
        choice = select([each for each in self.associations if not self._loops(each)], now)
        if choice is None:
            if before is not None:
                self.system = SystemState(reference=system.reference, updated=system.updated)
                self._events.append(Told("UNSYNC"))
            return
        peer = choice.peer
        if peer is before and peer.updated == system.updated:
            return
        if not self._follow(choice, now):
            return
        system.peer, system.updated = peer, peer.updated
        system.leap, system.stratum = peer.leap, peer.stratum + 1
        system.reference = self._clock()
        system.offset, system.jitter = choice.offset, choice.jitter
        system.root_delay = peer.root_delay + peer.delay
        system.root_dispersion = peer.root_dispersion + peer.dispersion + abs(choice.offset)
        system.reference_id = peer.config.address.packed
        if peer.local and system.stratum == 1:
            system.reference_id = b"LOCL"
        if peer is not before:
            self._events.append(Told("PEERSYNC", peer.config.address))
        if not peer.local:
            self._adapt(peer)

    def _loops(self, association: Association) -> bool:
        """A server that follows us is not followed."""
        return association.stratum > 1 and not association.local and self.is_own(association.reference_id)

    def _follow(self, choice: Choice, now: float) -> bool:
        """The clock discipline; False: the clock was stepped, or a spike is waited out."""
        if choice.peer.local:
            self.loop = Loop.CTRL
            return True
        if abs(choice.offset) <= STEP:
            self.loop, self._spike = Loop.CTRL, None
            if choice.offset:
                self._events.append(Moved(choice.offset, step=False))
            return True
        if self.loop is Loop.CTRL and self._spike is None:
            self._spike, self.loop = now, Loop.SPIK
            return False
        if self.loop is Loop.SPIK and self._spike is not None and now - self._spike < STEP_OUT:
            return False
        self.loop, self._spike = Loop.FSET, None
        self._events.append(Moved(choice.offset, step=True))
        self._forget_heard()
        for each in self.associations:
            if not each.local:
                each.clear(b"STEP")
                each.due = min(each.due, now + BURST_INTERVAL)
        self.system = SystemState()
        return False

    def _forget_heard(self) -> None:
        """The clock is another one: who broadcasts is asked anew when it is heard again."""
        self.associations = [each for each in self.associations if not each.config.dynamic]

    def _adapt(self, peer: Association) -> None:
        """Ask less often while the offset stays small, more often when it does not."""
        small = abs(peer.offset) <= max(4 * peer.jitter, 0.001)
        peer.counter += peer.poll if small else -2 * peer.poll
        if peer.counter > LIMIT:
            peer.counter, peer.poll = 0, min(peer.poll + 1, peer.config.maxpoll)
        elif peer.counter < -LIMIT:
            peer.counter, peer.poll = 0, max(peer.poll - 1, peer.config.minpoll)

    def slewed(self, seconds: float) -> None:
        """The clock was moved by so much of what `Moved` asked for."""
        for association in self.associations:
            if not association.local:
                association.moved(seconds)

    def clock_was_set(self, now: float) -> None:
        """Somebody set the clock by hand: what was measured is worth nothing."""
        self._forget_heard()
        for association in self.associations:
            if not association.local:
                association.clear(b"STEP")
        self.loop, self._spike = Loop.NSET, None
        if self.system.peer is not None and not self.system.peer.local:
            self.system = SystemState()
