"""The floor: asyncssh alone, printing 559 bytes and a prompt for every line."""

from __future__ import annotations

import asyncio

import asyncssh

TEXT = b"x" * 77 + b"\r\n"
ANSWER = (TEXT * 7 + b"x" * 4 + b"\r\n")[:559] + b"R-A#"


class Server(asyncssh.SSHServer):
    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return password == "admin"

    def session_requested(self) -> Session:
        return Session()


class Session(asyncssh.SSHServerSession[bytes]):
    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        self.channel = chan

    def pty_requested(self, *_: object) -> bool:
        return True

    def shell_requested(self) -> bool:
        return True

    def session_started(self) -> None:
        self.channel.write(b"R-A#")

    def data_received(self, data: bytes, datatype: object) -> None:
        self.channel.write(data + ANSWER)


async def main() -> None:
    keys = [asyncssh.generate_private_key("ssh-ed25519")]
    server = await asyncssh.create_server(
        Server, "127.0.0.1", 0, server_host_keys=keys, encoding=None, line_editor=False
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
