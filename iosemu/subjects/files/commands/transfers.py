"""Transfers to and from servers: TFTP, FTP, HTTP and SCP, and what they print."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Generator
from ipaddress import IPv4Address
from typing import Any

from iosemu.box.passwords import reveal
from iosemu.box.secure_shell import SshAccount, SshPurpose
from iosemu.box.system import SystemConfig
from iosemu.handling.context import Context
from iosemu.handling.effects import (
    CommandError,
    Confirm,
    Effect,
    Interrupted,
    Steps,
    Wait,
    WaitFor,
    Write,
)
from iosemu.handling.filesystem import (
    MOST_OCTETS,
    Place,
    configuration_lines,
    is_startup,
    locate,
    reading,
    write,
)
from iosemu.ip.config import primary_address
from iosemu.ip.ftp import FtpAccount, FtpCopy
from iosemu.ip.http_copy import HttpCopy, HttpPlace
from iosemu.ip.stack import IpStack
from iosemu.ip.tftp import Carried, transfer
from iosemu.ip.vrf import Vrf
from iosemu.net.tftp import TftpClient
from iosemu.packets.tftp import BLOCK, TftpErrorCode
from iosemu.subjects.files.commands.files import merge
from iosemu.subjects.files.commands.flash import quiet
from iosemu.subjects.files.config import FilesConfig
from iosemu.subjects.files.ends import NOWHERE, End
from iosemu.subjects.files.scp_copy import ScpCopy
from iosemu.subjects.hosts.translate import translate
from iosemu.subjects.ssh.login import logging_in
from iosemu.subjects.ssh.service import PORT as SSH_PORT
from iosemu.subjects.ssh.service import SecureShell
from iosemu.subjects.telnet.service import Failure

COPIED_PER_SECOND = 500_000
"""Bytes that the flash of an access router writes in a second."""
BLOCKS_PER_MARK = 10
"""Blocks of a transfer for which one `!` stands."""
REASONS: dict[int, str] = {
    TftpErrorCode.NOT_FOUND: "No such file or directory",
    TftpErrorCode.ACCESS: "Permission denied",
    TftpErrorCode.FULL: "Not enough space on device",
    TftpErrorCode.EXISTS: "File exists",
}
"""What IOS makes of the errors of RFC 1350."""
REQUESTS = 5
"""How often a server is asked before it counts as silent."""
REQUEST_SECONDS = 3.0
SPOKEN = ("tftp", "ftp", "http", "scp")
"""Schemes of servers that this box can speak to."""
TOLD_BLOCKS = ("ftp", "http")
"""Schemes whose `[OK - …]` tells the size of a block, too."""

Copying = Carried | FtpCopy | HttpCopy | ScpCopy
"""A transfer that goes on."""
Beginning = Generator[str | Effect, Any, Copying]


def transferring(context: Context, old: End, new: End) -> Steps:
    """To or from a server; whoever speaks another protocol than those here finds nobody who answers.

    Raises CommandError when it did not succeed.
    """
    end = old if old.remote else new
    server = yield from translate(context.device, end.server, _vrf(context, end).name)
    if server is None:
        raise CommandError("?Invalid host address or name\n%Error parsing filename (No such device)")
    if end.scheme not in SPOKEN:
        yield from _unanswered(old, new)
    elif old.remote:
        yield from _fetch(context, old, new, server)
    else:
        data = yield from reading(context, old.url)
        yield from _put(context, data, new, server)


def get(context: Context, url: str, limit: int = MOST_OCTETS) -> Generator[str | Effect, Any, bytes]:
    """Read a file on a server, for commands other than `copy`; raises CommandError when that fails."""
    end = End.parse(url)
    return (yield from _loaded(context, end, (yield from _server(context, end)), limit))


def put(context: Context, url: str, data: bytes) -> Steps:
    """Write a file on a server; raises CommandError when that fails."""
    end = End.parse(url)
    yield from _sent(context, data, end, (yield from _server(context, end)))


def _server(context: Context, end: End) -> Generator[str | Effect, Any, IPv4Address]:
    server = yield from translate(context.device, end.server, _vrf(context, end).name)
    if server is None or end.scheme not in SPOKEN:
        raise CommandError(f"%Error opening {end.url} (No such device)")
    return server


def _unanswered(old: End, new: End) -> Steps:
    if old.remote:
        yield f"Accessing {old.url}..."
        yield Wait(REQUESTS * REQUEST_SECONDS)
        raise CommandError(f"%Error opening {old.url} (Timed out)")
    yield Wait(REQUESTS * REQUEST_SECONDS)
    yield ""
    raise CommandError(f"%Error opening {new.url} (Timed out)")


def _begin(context: Context, end: End, outgoing: bytes | None, limit: int, server: IPv4Address) -> Beginning:
    """Begin to read (`outgoing` None) or to write a file; a user may be asked for his password first."""
    device, config = context.device, context.device.config.of(FilesConfig)
    source, vrf = primary_address(device.config.interfaces.get(_from(context, end))), _vrf(context, end)
    if end.scheme == "ftp":
        account = _account(context, end)
        return FtpCopy(device, server, end.path, outgoing, limit, account, source, vrf.name)
    if end.scheme == "http":
        user, password = _web_account(context, end)
        place = HttpPlace(server, end.host.rpartition("@")[2], end.path, user, password)
        return HttpCopy(device, place, outgoing, limit, source, vrf.name)
    if end.scheme == "scp":
        return (yield from _secure(context, end, outgoing, limit, server))
    client = TftpClient(end.path, outgoing, limit, config.tftp_block or BLOCK)
    return transfer(device, client, server, source, vrf)


def _from(context: Context, end: End) -> str:
    """The interface whose address a server sees; empty: that of the way there."""
    config = context.device.config.of(FilesConfig)
    if end.scheme == "http":
        return _client_setting(context, "source-interface")
    return {"ftp": config.ftp_source, "tftp": config.tftp_source}.get(end.scheme, "")


def _client_setting(context: Context, word: str) -> str:
    """`ip http client WORD VALUE`, which is kept as it was typed."""
    start = f"ip http client {word} "
    lines = context.device.config.of(SystemConfig).kept.values()
    return next((line.removeprefix(start) for line in lines if line.startswith(start)), "")


def _web_account(context: Context, end: End) -> tuple[str, str]:
    """As whom a web server is asked: as the URL says, or `ip http client`; empty: as nobody."""
    user, password = end.account
    if user:
        return user, password or ""
    encoding, _, stored = _client_setting(context, "password").rpartition(" ")
    clear = reveal(stored).decode("latin-1") if encoding == "7" else stored
    return _client_setting(context, "username"), clear


def _secure(context: Context, end: End, outgoing: bytes | None, limit: int, server: IPv4Address) -> Beginning:
    """Log in at the far end, and have it run its `scp`."""
    device, (user, password) = context.device, end.account
    command = f"scp {'-f' if outgoing is None else '-t'} {shlex.quote(end.path)}"
    far = device.service(SecureShell).connect(
        end.server, server, SshAccount(user), SshPurpose(command), port=end.port or SSH_PORT
    )
    try:
        there = yield from logging_in(far, password)
    except Interrupted:
        far.close()
        raise
    if there:
        return ScpCopy(device, far, end.path, outgoing, limit)
    reason = "Timed out" if far.client is None else "Permission denied"
    if far.failure is Failure.REFUSED:
        reason = "Connection refused"
    far.close()
    raise CommandError(f"%Error opening {end.url} ({reason})")


def _vrf(context: Context, end: End) -> Vrf:
    """The routing instance that a server is in: that of the interface that it is asked from."""
    return context.device.service(IpStack).vrf_of(_from(context, end))


def _account(context: Context, end: End) -> FtpAccount:
    """As whom an FTP server is asked: as the URL says, or the configuration, or as anonymous."""
    told, _, _ = end.host.rpartition("@")
    if told:
        user, _, password = told.partition(":")
        return FtpAccount(user, password)
    config, hostname = context.device.config.of(FilesConfig), context.device.hostname
    if not config.ftp_user:
        return FtpAccount("anonymous", f"{hostname}@{hostname}")
    stored = config.ftp_password
    clear = (
        "" if stored is None else reveal(stored.value).decode("latin-1") if stored.type == 7 else stored.value
    )
    return FtpAccount(config.ftp_user, clear)


class _Marks:
    """What a transfer prints: `!` for ten blocks, `.` for one that was lost."""

    def __init__(self, carried: Copying, lead: Callable[[], str] | None) -> None:
        """`lead` gives what stands before the first `!`; None: a write, whose requests show when they are lost."""
        self._carried = carried
        self._lead = lead
        self._shown = 0
        self._lost = 0

    def _due(self) -> tuple[int, int]:
        """Signs that are to be printed: `!`, and `.`."""
        running = self._carried.transfer
        marks = 1 + running.blocks // BLOCKS_PER_MARK if running.blocks else 0
        lost = running.retransmissions + running.silent
        dots = lost - self._lost if self._shown or self._lead is None else 0
        return marks - self._shown, dots

    @property
    def fresh(self) -> bool:
        """There is something to print, or it is over."""
        return self._carried.transfer.done or any(self._due())

    def take(self) -> str:
        """What is to be printed now."""
        marks, dots = self._due()
        lead = self._lead() if marks and not self._shown and self._lead is not None else ""
        running = self._carried.transfer
        self._shown += marks
        self._lost = running.retransmissions + running.silent
        return lead + "!" * marks + "." * dots


def _progress(carried: Copying, lead: Callable[[], str] | None) -> Generator[str | Effect, Any, None]:
    """Wait for the end; Ctrl-Shift-6 gives it up."""
    marks = _Marks(carried, lead)
    try:
        while True:
            text = marks.take()
            if text:
                yield Write(text)
            if carried.transfer.done:
                return
            yield WaitFor(lambda: marks.fresh, None, carried.signal)
    except Interrupted:
        carried.close()
        raise


def _reason(carried: Copying) -> str:
    """Why a transfer ended early, in the words of IOS; empty when it did not."""
    if not isinstance(carried, Carried):
        return carried.reason
    ended = carried.transfer
    if ended.silent:
        return "Timed out"
    if ended.error is None:
        return ""
    return REASONS.get(ended.error.code, ended.error.message or "Undefined error")


def replacing(context: Context, place: Place) -> Generator[str | Effect, Any, bool]:
    """Whether a file may be written; of one that is there already the user is asked."""
    if place.files is None or place.path not in place.files or quiet(context):
        return True
    yield "%Warning:There is a file already existing with this name "
    sure: bool = yield Confirm("Do you want to over write? [confirm]")
    return sure


def _fetch(context: Context, old: End, new: End, server: IPv4Address) -> Steps:
    """From a server into a file, or over a configuration."""
    device = context.device
    place = locate(context, new.url)
    if not is_startup(context, place) and not (yield from replacing(context, place)):
        return
    started = device.now
    limit = MOST_OCTETS if place.files is None else place.files.capacity
    data = yield from _loaded(context, old, server, limit)
    seconds = device.now - started
    if place.files is not None:
        write(context, new.url, data)
        if is_startup(context, place):
            yield "[OK]"
        else:
            yield Wait(len(data) / COPIED_PER_SECOND)
            seconds = device.now - started
    elif place.scheme != NOWHERE:
        yield from merge(context, configuration_lines(old.url, data))
        session = context.session
        by = (
            "console"
            if session.origin == "console"
            else f"{session.username} on {session.line_name} ({session.origin})"
        )
        device.log("SYS", 5, "CONFIG_I", f"Configured from {old.url} by {by}")
    yield copied(len(data), seconds)


def _loaded(
    context: Context, old: End, server: IPv4Address, limit: int
) -> Generator[str | Effect, Any, bytes]:
    """What is in a file on a server; raises CommandError when it cannot be read."""
    if old.scheme != "scp":
        yield f"Accessing {old.url}..."
    carried = yield from _begin(context, old, None, limit, server)

    def lead() -> str:
        if isinstance(carried, ScpCopy):
            return f" Sending file modes: {carried.header}\r\n"
        if isinstance(carried, HttpCopy):
            return f"Loading {old.url} "
        if isinstance(carried, FtpCopy):
            return f"Loading {old.path} "
        return f"Loading {old.path} from {carried.peer} (via {carried.interface}): "

    yield from _progress(carried, lead)
    reason = _reason(carried)
    if reason:
        if carried.transfer.blocks:
            yield ""
            raise CommandError(f"%Error copying {old.url} ({reason})")
        raise CommandError(f"%Error opening {old.url} ({reason})")
    data = bytes(carried.transfer.data)
    yield ""
    if old.scheme != "scp":
        yield f"[OK - {len(data)}{'/4096' if old.scheme in TOLD_BLOCKS else ''} bytes]"
        yield ""
    return data


def _put(context: Context, data: bytes, new: End, server: IPv4Address) -> Steps:
    """To a server."""
    started = context.device.now
    yield from _sent(context, data, new, server)
    yield copied(len(data), context.device.now - started)


def _sent(context: Context, data: bytes, new: End, server: IPv4Address) -> Steps:
    """Write a file on a server; raises CommandError when that fails."""
    if new.scheme == "scp":  # the password is asked for while it writes
        yield f"Writing {new.path} "
    carried = yield from _begin(context, new, data, 0, server)
    lead = {"tftp": None, "scp": lambda: ""}.get(new.scheme, lambda: f"Writing {new.path} ")
    yield from _progress(carried, lead)
    reason = _reason(carried)
    if reason:
        yield ""
        raise CommandError(f"%Error opening {new.url} ({reason})")
    yield ""


def copied(octets: int, seconds: float) -> str:
    """The line at the end of a copy."""
    return f"{octets} bytes copied in {seconds:.3f} secs ({int(octets / max(seconds, 0.001))} bytes/sec)"
