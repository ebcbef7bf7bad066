"""asyncssh's server connection, as IOS behaves on it."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Callable
from typing import Any

import asyncssh
from asyncssh.connection import SSHServerConnection
from asyncssh.constants import MSG_SERVICE_ACCEPT, MSG_SERVICE_REQUEST
from asyncssh.packet import SSHPacket, String

from iosemu.server.endpoint import LOGIN_SECONDS

# Old clients need the finite-field groups; the advice to leave them is not for those who run a lab.
warnings.filterwarnings("ignore", message="Diffie-Hellman over finite fields", module="asyncssh")

SOFTWARE = "Cisco-1.25"
"""What IOS calls its SSH server in the identification string."""
_CIPHERS = (
    "aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr", "aes192-ctr", "aes256-ctr",
)  # fmt: skip
"""As IOS, no ChaCha20, whose many small contexts would also be most of a command's cost."""
_LEGACY_KEX = ("diffie-hellman-group14-sha1", "diffie-hellman-group1-sha1")
_LEGACY_CIPHERS = ("aes128-cbc", "aes192-cbc", "aes256-cbc", "3des-cbc")
_LEGACY_MACS = ("hmac-sha1", "hmac-sha1-96", "hmac-md5", "hmac-md5-96")
_LEGACY_SIGNATURES = ("ssh-rsa",)


class Connection(SSHServerConnection):
    """A connection to one device; every device's connections share one options object."""

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


def connection_options(
    host_keys: list[asyncssh.SSHKey], *, legacy: bool = False
) -> asyncssh.SSHServerConnectionOptions:
    """Options for every listener of a lab.

    `legacy` adds the algorithms that IOS 12.4 had: group 1 and 14 with SHA-1, CBC ciphers, SHA-1 and MD5
    MACs and ssh-rsa signatures.
    """
    algorithms: dict[str, Any] = {"encryption_algs": _CIPHERS}
    if legacy:
        algorithms = {
            "kex_algs": "+" + ",".join(_LEGACY_KEX),
            "encryption_algs": _CIPHERS + _LEGACY_CIPHERS,
            "mac_algs": "+" + ",".join(_LEGACY_MACS),
            "signature_algs": "+" + ",".join(_LEGACY_SIGNATURES),
        }
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
        **algorithms,
    )
