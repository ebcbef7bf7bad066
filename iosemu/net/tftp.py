"""Both ends of a TFTP transfer, sans-IO: lockstep, retransmission, block numbers that begin anew after 65535."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Protocol

from iosemu.packets import tftp
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.tftp import (
    BLOCK,
    TftpAck,
    TftpData,
    TftpError,
    TftpErrorCode,
    TftpOack,
    TftpOpcode,
    TftpPacket,
    TftpRequest,
)

TRIES = 5
"""How often something is sent before the other end counts as silent."""
SECONDS = 3.0
"""For which an answer is waited for."""
LARGEST_BLOCK = 8192
SMALLEST_BLOCK = 8


class Store(Protocol):
    """The files of a server."""

    def read(self, name: str) -> bytes | None:
        """The content of a file; None when there is none."""
        ...

    def write(self, name: str, data: bytes) -> str:
        """Keep a file; a reason why not, or nothing."""
        ...

    def writable(self, name: str) -> bool:
        """Whether a file of this name may be written."""
        ...

    def admits(self, name: str, client: IPv4Address) -> bool:
        """Whether a client may have a file."""
        ...


class TftpTransfer:
    """One end; `sent` has what is to go, to the port from which the other end speaks."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        """Octets that are taken at most."""
        self.due: float | None = None
        """Lab time at which the other end counts as silent for now."""
        self.done = False
        self.error: TftpError | None = None
        """Why it ended early."""
        self.silent = False
        """It ended early because nothing came any more."""
        self.blocks = 0
        """Blocks that came, or were acknowledged."""
        self.retransmissions = 0
        self.data = bytearray()
        """What came."""
        self._outgoing: bytes | None = None
        self._block_size = BLOCK
        self._number = 0
        """Of the block that was received last, or is on its way."""
        self._last: bytes = b""
        self._tries = 0
        self._final = False

    def tick(self, now: float) -> bytes:
        """What is to be sent again; the transfer may have ended instead."""
        if self.done or self.due is None or now < self.due:
            return b""
        if self._tries >= TRIES:
            self.done = self.silent = True
            self.due = None
            return b""
        self._tries += 1
        self.retransmissions += 1
        self.due = now + SECONDS
        return self._last

    def receive(self, data: bytes, now: float) -> bytes:
        """What is to be sent in answer; empty for nothing."""
        try:
            packet = tftp.parse(data)
        except MalformedPacket:
            return b""
        if isinstance(packet, TftpError):
            if not self.done:
                self.done, self.error, self.due = True, packet, None
            return b""
        answer = self._heard(packet)
        return b"" if answer is None else self._send(answer, now)

    def _send(self, packet: TftpPacket, now: float) -> bytes:
        self._last = packet.to_bytes()
        self._tries = 1
        self.due = None if self.done else now + SECONDS
        return self._last

    def _heard(self, packet: TftpPacket) -> TftpPacket | None:
        match packet:
            case TftpData() if self._outgoing is None:
                return self._block(packet)
            case TftpAck() if self._outgoing is not None and not self.done:
                return self._acknowledged(packet)
            case TftpOack() if not (self._number or self.blocks or self.done):
                return self._options(packet)
        return None

    def _block(self, packet: TftpData) -> TftpPacket | None:
        if packet.block == self._number and self.blocks:
            return TftpAck(packet.block)  # ours was lost
        if self.done or packet.block != (self._number + 1) & 0xFFFF:
            return None
        if len(self.data) + len(packet.data) > self.limit:
            self.done = True
            self.error = TftpError(TftpErrorCode.FULL, "Not enough space on device")
            return self.error
        self._number = packet.block
        self.blocks += 1
        self.data += packet.data
        if len(packet.data) < self._block_size:
            self.done = True
        return TftpAck(packet.block)

    def _acknowledged(self, packet: TftpAck) -> TftpPacket | None:
        if packet.block != self._number:
            return None  # answered twice: to answer again would double everything that follows
        if self._number or self.blocks:
            self.blocks += 1
        if self._final:
            self.done, self.due = True, None
            return None
        return self._next_block()

    def _next_block(self) -> TftpData:
        assert self._outgoing is not None
        start = self.blocks * self._block_size
        piece = self._outgoing[start : start + self._block_size]
        self._number = (self._number + 1) & 0xFFFF
        self._final = len(piece) < self._block_size
        return TftpData(self._number, piece)

    def _options(self, packet: TftpOack) -> TftpPacket | None:
        size = dict(packet.options).get("blksize", "")
        if size.isdecimal() and SMALLEST_BLOCK <= int(size) <= LARGEST_BLOCK:
            self._block_size = int(size)
        return TftpAck(0) if self._outgoing is None else self._next_block()


class TftpClient(TftpTransfer):
    """Reads a file from a server, or with `outgoing` writes it there."""

    def __init__(self, name: str, outgoing: bytes | None, limit: int, block_size: int = BLOCK) -> None:
        super().__init__(limit)
        self._outgoing = outgoing
        opcode = TftpOpcode.READ if outgoing is None else TftpOpcode.WRITE
        options = (("blksize", str(block_size)),) if block_size != BLOCK else ()
        self._request = TftpRequest(opcode, name, options=options)

    def start(self, now: float) -> bytes:
        """The request, to the well-known port."""
        return self._send(self._request, now)


class TftpServer(TftpTransfer):
    """One transfer of a server."""

    def __init__(self, request: TftpRequest, store: Store, limit: int, client: IPv4Address) -> None:
        super().__init__(limit)
        self._client = client
        self._request = request
        self._store = store
        self._keeping = request.opcode is TftpOpcode.WRITE

    def start(self, now: float) -> bytes:
        """The first answer."""
        request = self._request
        name = request.name.lstrip("/")
        if request.mode not in tftp.MODES:
            return self._refuse(TftpErrorCode.ILLEGAL, "Illegal TFTP operation", now)
        if not self._store.admits(name, self._client):
            return self._refuse(TftpErrorCode.ACCESS, "Access violation", now)
        if self._keeping:
            if not self._store.writable(name):
                return self._refuse(TftpErrorCode.ACCESS, "Access violation", now)
        else:
            content = self._store.read(name)
            if content is None:
                return self._refuse(TftpErrorCode.NOT_FOUND, "File not found", now)
            self._outgoing = content
        taken = self._taken()
        if taken:
            return self._send(TftpOack(taken), now)
        return self._send(TftpAck(0) if self._keeping else self._next_block(), now)

    def _taken(self) -> tuple[tuple[str, str], ...]:
        taken = []
        for name, value in self._request.options:
            if name == "blksize" and value.isdecimal() and int(value) >= SMALLEST_BLOCK:
                self._block_size = min(int(value), LARGEST_BLOCK)
                taken.append((name, str(self._block_size)))
            elif name == "tsize" and value.isdecimal():
                size = len(self._outgoing) if self._outgoing is not None else int(value)
                taken.append((name, str(size)))
        return tuple(taken)

    def _refuse(self, code: TftpErrorCode, text: str, now: float) -> bytes:
        self.done = True
        self.error = TftpError(code, text)
        return self._send(self.error, now)

    def _block(self, packet: TftpData) -> TftpPacket | None:
        answer = super()._block(packet)
        if self.done and self.error is None and self._keeping:
            self._keeping = False
            reason = self._store.write(self._request.name.lstrip("/"), bytes(self.data))
            if reason:
                self.error = TftpError(TftpErrorCode.FULL, reason)
                return self.error
        return answer
