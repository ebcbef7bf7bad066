"""What the datapath counts and says about packets that it refuses."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from iosemu.ike.engine import Engine
from iosemu.ike.sa import IsakmpSa
from iosemu.ikev2.sa import IkeSa
from iosemu.ipsec.sadb import ESP, Sadb, SadbPair
from iosemu.packets.ipv4 import IPv4Packet
from iosemu.subjects.crypto.config.isakmp import IsakmpConfig
from iosemu.subjects.crypto.service.flow import CryptoFlow
from iosemu.subjects.crypto.service.keys import PROTOCOL_IDS

if TYPE_CHECKING:
    from iosemu.box.device import Device

MESSAGE_INTERVAL = 60.0
"""Seconds between two messages of a kind about one peer."""

MOST_REMEMBERED = 4096
"""Messages about as many peers are held back at a time."""


class Alarms:
    """%CRYPTO messages of one crypto engine, at most one a minute of a kind about one peer."""

    def __init__(self, device: Device, ike: Engine, sadb: Sadb, pump: Callable[[], None]) -> None:
        self.device = device
        self.ike = ike
        self.sadb = sadb
        self._pump = pump
        self.ikev2_sas: Callable[[IPv4Address], list[IkeSa]] = lambda _: []
        """The SAs of IKEv2 with a peer."""
        self._said: dict[tuple[str, object], float] = {}
        self.sessions: list[Callable[[IPv4Address, bool], None]] = []
        """Who is told that the first SAs with a peer are there, or the last are gone."""

    def say(self, mnemonic: str, text: str, about: object, severity: int = 4) -> None:
        """Issue a message unless its like was issued within the minute."""
        now = self.device.now
        last = self._said.get((mnemonic, about))
        if last is None or now - last >= MESSAGE_INTERVAL:
            if len(self._said) >= MOST_REMEMBERED:
                self._forget(now)
            self._said[mnemonic, about] = now
            self.device.log("CRYPTO", severity, mnemonic, text)

    def _forget(self, now: float) -> None:
        """Drop what no longer holds a message back; of what does, all: senders with false addresses are many."""
        self._said = {key: last for key, last in self._said.items() if now - last < MESSAGE_INTERVAL}
        if len(self._said) >= MOST_REMEMBERED:
            self._said.clear()

    def invalid_spi(self, packet: IPv4Packet, protocol: int, spi: int) -> None:
        """A packet names an SA that is not there; with `invalid-spi-recovery` its sender is told."""
        text = (
            f"decaps: rec'd IPSEC packet has invalid spi for destaddr={packet.destination}, "
            f"prot={protocol}, spi=0x{spi:X}({spi}), srcaddr={packet.source}"
        )
        self.say("RECVD_PKT_INV_SPI", text, packet.source)
        if self.device.config.of(IsakmpConfig).invalid_spi_recovery:
            identifier = PROTOCOL_IDS[protocol]
            self.ike.invalid_spi(packet.destination, packet.source, identifier, spi, self.device.now)
            self._pump()

    def session(self, pair: SadbPair, state: str) -> None:
        """With `crypto logging session`: the first SAs with a peer are there (`UP`), or the last are gone (`DOWN`)."""
        if any(other is not pair for other in self.sadb.with_peer(pair.peer)):
            return
        for told in self.sessions:
            told(pair.peer, state == "UP")
        if not self.device.config.of(IsakmpConfig).log_sessions:
            return
        known: list[IsakmpSa | IkeSa] = list(reversed(self.ike.sas.with_peer(pair.peer)))
        known += self.ikev2_sas(pair.peer)
        port = known[0].peer.port if known else pair.peer_port
        identity = next((sa.peer_identity for sa in known if sa.peer_identity is not None), pair.peer)
        text = f"Crypto tunnel is {state:<4}.  Peer {pair.peer}:{port}       Id: {identity}"
        self.device.log("CRYPTO", 5, "SESSION_STATUS", text)

    def refused(self, packet: IPv4Packet, counter: str, mnemonic: str, text: str) -> None:
        """Count a packet that an SA refused, and say so; what follows a line end is the sequence number."""
        spi = int.from_bytes(packet.payload[:4] if packet.protocol == ESP else packet.payload[4:8])
        found = self.sadb.inbound(packet.protocol, spi)
        if found is None:
            return
        pair, sa = found
        flow = pair.owner
        if isinstance(flow, CryptoFlow):
            flow.counters.receive_errors += 1
            setattr(flow.counters, counter, getattr(flow.counters, counter) + 1)
        if mnemonic:
            head, _, sequence = text.partition("\n")
            if mnemonic != "RECVD_PKT_INV_IDENTITY":
                head += f" connection id={sa.conn_id}"
            if sequence:
                head += f", sequence number={sequence}"
            self.say(mnemonic, head, packet.source)
