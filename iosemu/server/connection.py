"""asyncssh's server connection, as IOS behaves on it."""

from __future__ import annotations

import asyncio
import warnings
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Protocol

import asyncssh
from asyncssh.connection import SSHServerConnection
from asyncssh.constants import MSG_SERVICE_ACCEPT, MSG_SERVICE_REQUEST
from asyncssh.packet import SSHPacket, String

from iosemu.server.endpoint import LOGIN_SECONDS
from iosemu.server.turns import Turns
from iosemu.server.window import WindowedChannel

# Old clients need the finite-field groups; the advice to leave them is not for those who run a lab.
warnings.filterwarnings("ignore", message="Diffie-Hellman over finite fields", module="asyncssh")

SOFTWARE = "Cisco-1.25"
"""What IOS calls its SSH server in the identification string."""
_CIPHERS = (
    "aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr", "aes192-ctr", "aes256-ctr",
)  # fmt: skip
"""As IOS, no ChaCha20, whose many small contexts would also be most of a command's cost."""
_LEGACY_KEX = ("diffie-hellman-group14-sha1", "diffie-hellman-group1-sha1")
_CBC = ("aes128-cbc", "aes192-cbc", "aes256-cbc")
"""What every release of IOS takes, from clients that have nothing better."""
_LEGACY_CIPHERS = ("3des-cbc",)
_LEGACY_MACS = ("hmac-sha1", "hmac-sha1-96", "hmac-md5", "hmac-md5-96")
_LEGACY_SIGNATURES = ("ssh-rsa",)


WINDOW = 65536
"""Octets that a channel takes beyond what its shell has read: they wait in this process."""
PIECE = 16384
"""Octets that asyncssh is given at once: it copies what is left of them for every packet."""
UNSENT = 1 << 20
"""Octets that wait for a client before nothing more is read from it: answers to what it asks wait, too."""


class Reader(Protocol):
    """Somebody who sends over a connection."""

    def unclogged(self) -> None:
        """It takes something again."""
        ...


class PatientConnection(SSHServerConnection):
    """A connection as clients other than OpenSSH's want it; `server_factory` says who may come in."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        options: asyncssh.SSHServerConnectionOptions,
        server_factory: Callable[[], asyncssh.SSHServer],
    ) -> None:
        super().__init__(loop, options, None, None)
        self._protocol_factory = server_factory

    async def reload_config(self) -> None:
        """Do nothing: there are no configuration files whose rules depend on the user."""

    def _process_service_request_again(self, pkttype: int, pktid: int, packet: SSHPacket) -> None:
        """Accept a repeated request for `ssh-userauth` while nobody is logged in.

        RFC 4253 section 10 does not forbid it, OpenSSH and IOS grant it, and paramiko sends one before
        each further authentication method.
        """
        if self._next_service is None and not self._auth_complete:
            service = packet.get_string()
            packet.check_end()
            if service == b"ssh-userauth":
                self.send_packet(MSG_SERVICE_ACCEPT, String(service))
                return
            raise asyncssh.ServiceNotAvailable("Unexpected service in service request")
        super()._process_service_request(pkttype, pktid, packet)

    _packet_handlers = {  # noqa: RUF012 - the base class says how it is declared
        **SSHServerConnection._packet_handlers,
        MSG_SERVICE_REQUEST: _process_service_request_again,
    }


class Connection(PatientConnection):
    """A connection to one device; every device's connections share one options object.

    What a client sends is dealt with in turns, however much comes at once, and no more is read meanwhile.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        options: asyncssh.SSHServerConnectionOptions,
        server_factory: Callable[[], asyncssh.SSHServer],
        turns: Turns,
    ) -> None:
        super().__init__(loop, options, server_factory)
        self.clogged = False
        """The client does not read: nothing should be written now."""
        self.readers: Collection[Reader] = ()
        """Whom to tell when it does again."""
        self._turns = turns
        self._pieces: deque[bytes] = deque()
        """What came and had no turn yet."""
        self._queued = False

    def data_received(self, data: bytes, datatype: asyncssh.DataType = None) -> None:
        """Keep what came for its turn, which is now unless others wait."""
        self._pieces.extend(data[at : at + PIECE] for at in range(0, len(data), PIECE))
        self._recv_data()

    def _recv_data(self) -> None:
        if self._queued:
            return
        over = self._turns.begin()
        self._reset_keepalive_timer()
        try:
            while self._inpbuf or self._pieces:
                if self._inpbuf and self._recv_handler():
                    if over():
                        self._queue()
                        break
                elif self._pieces and self._transport is not None:
                    self._inpbuf += self._pieces.popleft()
                else:
                    break
        except asyncssh.DisconnectError as error:
            self._send_disconnect(error.code, error.reason, error.lang)
            self._force_close(error)
        except Exception:  # noqa: BLE001 - asyncssh tells the client and closes
            self.internal_error()
        self._read_on()

    def _queue(self) -> None:
        self._queued = True
        self._turns.add(self._go_on)

    def _go_on(self) -> None:
        self._queued = False
        if self._transport is not None:
            self._recv_data()

    def _read_on(self) -> None:
        """Read from the network, unless there is more to do with what came, or far too much to send."""
        transport = self._transport
        if not isinstance(transport, asyncio.Transport) or transport.is_closing():
            return
        if self._queued or self._pieces or transport.get_write_buffer_size() > UNSENT:
            transport.pause_reading()
        else:
            transport.resume_reading()

    def _finish_recv_packet(
        self, pkttype: int, seq: int, _task: asyncio.Task[None] | None = None, is_async: bool = False
    ) -> None:
        super()._finish_recv_packet(pkttype, seq, _task, is_async)
        if is_async and self._pieces:
            self._recv_data()

    def pause_writing(self) -> None:
        """The client reads too slowly: whoever prints has to wait."""
        self.clogged = True

    def resume_writing(self) -> None:
        """It has caught up."""
        self.clogged = False
        for reader in list(self.readers):
            reader.unclogged()
        self._read_on()

    def create_server_channel(
        self, encoding: str | None = None, errors: str = "strict", window: int = 0, max_pktsize: int = 0
    ) -> WindowedChannel:
        """Make the channel of a new session, of octets; see `WindowedChannel`."""
        max_pktsize = max_pktsize or self._max_pktsize
        self._update_recv_pktlen(max_pktsize)
        return WindowedChannel(
            self, self._loop, self._allow_pty, self._line_editor, self._line_echo, self._line_history,
            self._max_line_length, encoding, errors, window or self._window, max_pktsize,
        )  # fmt: skip


def connection_options(
    host_keys: list[asyncssh.SSHKey], *, legacy: bool = False
) -> asyncssh.SSHServerConnectionOptions:
    """Options for every listener of a lab.

    `legacy` adds the algorithms that IOS 12.4 had: group 1 and 14 with SHA-1, CBC ciphers, SHA-1 and MD5
    MACs and ssh-rsa signatures.
    """
    algorithms: dict[str, Any] = {"encryption_algs": _CIPHERS + _CBC}
    if legacy:
        algorithms = {
            "kex_algs": "+" + ",".join(_LEGACY_KEX),
            "encryption_algs": _CIPHERS + _CBC + _LEGACY_CIPHERS,
            "mac_algs": "+" + ",".join(_LEGACY_MACS),
            "signature_algs": "+" + ",".join(_LEGACY_SIGNATURES),
        }
    return _options(host_keys, algorithms)


@dataclass(frozen=True)
class Offer:
    """The algorithms of one release, best first, by their names in SSH."""

    kex: tuple[str, ...]
    ciphers: tuple[str, ...]
    macs: tuple[str, ...]


def strict_options(host_keys: list[asyncssh.SSHKey], offer: Offer) -> asyncssh.SSHServerConnectionOptions:
    """Options for a listener that offers these algorithms alone, and an RSA key that signs with SHA-1."""
    keys = [key for key in host_keys if key.get_algorithm() == "ssh-rsa"]
    options = _options(
        keys,
        {
            "kex_algs": offer.kex,
            "encryption_algs": offer.ciphers,
            "mac_algs": offer.macs,
            "signature_algs": _LEGACY_SIGNATURES,
        },
    )
    for name in [name for name in options.server_host_keys if name != b"ssh-rsa"]:
        del options.server_host_keys[name]
    return options


def _options(
    host_keys: list[asyncssh.SSHKey], algorithms: dict[str, Any]
) -> asyncssh.SSHServerConnectionOptions:
    return asyncssh.SSHServerConnectionOptions(
        server_host_keys=host_keys,
        server_version=SOFTWARE,
        encoding=None,
        line_editor=False,
        login_timeout=LOGIN_SECONDS,
        compression_algs=None,
        agent_forwarding=False,
        x11_forwarding=False,
        allow_scp=False,
        gss_host=None,
        tcp_keepalive=True,
        window=WINDOW,
        **algorithms,
    )
