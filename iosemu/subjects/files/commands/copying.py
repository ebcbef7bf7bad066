"""`copy`: between the file systems of the box, and to and from servers."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Any

from iosemu.box.passwords import reveal
from iosemu.box.system import SystemConfig
from iosemu.handling.context import Context
from iosemu.handling.effects import (
    Ask,
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
    REMOTE,
    RUNNING,
    STARTUP,
    configuration_lines,
    find,
    locate,
    reading,
    short,
    write,
)
from iosemu.ip.config import primary_address
from iosemu.ip.ftp import FtpAccount, FtpCopy
from iosemu.ip.stack import IpStack
from iosemu.ip.tftp import Carried, transfer
from iosemu.ip.vrf import Vrf
from iosemu.net.tftp import TftpClient
from iosemu.packets.tftp import BLOCK, TftpErrorCode
from iosemu.subjects.files.commands.files import merge, write_memory
from iosemu.subjects.files.commands.flash import quiet
from iosemu.subjects.files.config import FilesConfig
from iosemu.subjects.files.service import Copies
from iosemu.subjects.hosts.lookup import resolve

COPY_SECONDS = 0.3
"""Time that opening and closing the files of a copy takes."""
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
NOWHERE = "null"
"""What is read from there is empty, and it has no names."""
LOCAL = ("flash", "flash0", "nvram", "system", NOWHERE)
CONFIGURATIONS = (RUNNING, STARTUP)

Copying = Carried | FtpCopy
"""A transfer that goes on."""
Asking = Generator[str | Effect, Any, str]


@dataclass(frozen=True, slots=True)
class End:
    """One end of a copy, as it was typed."""

    scheme: str
    """Empty for a configuration and for a bare file name."""
    host: str
    path: str

    @classmethod
    def parse(cls, word: str) -> End:
        """From `tftp:`, `tftp`, `ftp://10.0.0.1/f`, `flash:f`, `running-config`, `f`."""
        word = short(word)
        scheme, colon, rest = word.partition(":")
        if not colon:
            return cls(word.lower(), "", "") if word.lower() in (*REMOTE, *LOCAL) else cls("", "", word)
        if scheme.lower() not in REMOTE:
            return cls(scheme.lower(), "", rest)
        host, _, path = rest.removeprefix("//").partition("/")
        return cls(scheme.lower(), host, path)

    @property
    def remote(self) -> bool:
        """It is on a server."""
        return self.scheme in REMOTE

    @property
    def file(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    @property
    def url(self) -> str:
        """As errors show it."""
        if self.remote:
            return f"{self.scheme}://{self.host}/{self.path}"
        return f"{self.scheme}:{self.path}" if self.scheme else self.path


def copy(context: Context, source: str, destination: str) -> Steps:
    """`copy SOURCE DESTINATION`; what the words leave out is asked for, with what was answered last as default.

    Raises CommandError when an end is not there, or its server is silent.
    """
    old, new = End.parse(source), End.parse(destination)
    memory = context.device.service(Copies)
    if old.remote and not old.host:
        old = End(old.scheme, (yield from _host(context, memory)), old.path)
    if not old.path and old.scheme != NOWHERE:
        name = yield from _file(context, "Source filename", memory.file if old.remote else "")
        if not name:
            raise CommandError(f"%Error opening {old.url} (No such file or directory)")
        old = End(old.scheme, old.host, name)
    if not old.remote:
        find(context, old.url)
    if new.remote and not new.host:
        new = End(new.scheme, (yield from _host(context, memory)), new.path)
    new = yield from _destination(context, old, new)
    if old.remote or new.remote:
        memory.host, memory.file = (old.host, old.path) if old.remote else (new.host, new.path)
        yield from _transfer(context, old, new)
        return
    yield from _copy(context, old, new)


def _file(context: Context, question: str, usual: str) -> Asking:
    if quiet(context):
        return usual
    answer: str = yield Ask(f"{question} [{usual}]? ")
    return answer.strip() or usual


def _host(context: Context, memory: Copies) -> Asking:
    host = yield from _file(context, "Address or name of remote host", memory.host)
    if not host:
        raise CommandError("?Invalid host address or name\n%Error parsing filename (No such device)")
    return host


def _destination(context: Context, old: End, new: End) -> Generator[str | Effect, Any, End]:
    if new.path:
        usual = new.path.lstrip("/")
    elif new.remote and old.path in CONFIGURATIONS:
        usual = f"{context.device.config.of(SystemConfig).hostname.lower()}-confg"
    else:
        usual = old.file
    if new.remote and new.path:
        return new
    answer = yield from _file(context, "Destination filename", usual)
    if new.scheme or answer == usual:
        return End(new.scheme, new.host, answer)
    return End.parse(answer)


def _transfer(context: Context, old: End, new: End) -> Steps:
    """To or from a server; whoever speaks another protocol than TFTP and FTP finds nobody who answers."""
    end = old if old.remote else new
    server = resolve(context.device, end.host.rpartition("@")[2], _vrf(context, end).name)
    if server is None:
        raise CommandError("?Invalid host address or name\n%Error parsing filename (No such device)")
    if end.scheme not in ("tftp", "ftp"):
        yield from _unanswered(old, new)
    elif old.remote:
        yield from _fetch(context, old, new, server)
    else:
        yield from _put(context, old, new, server)


def _unanswered(old: End, new: End) -> Steps:
    if old.remote:
        yield f"Accessing {old.url}..."
        yield Wait(REQUESTS * REQUEST_SECONDS)
        raise CommandError(f"%Error opening {old.url} (Timed out)")
    yield Wait(REQUESTS * REQUEST_SECONDS)
    yield ""
    raise CommandError(f"%Error opening {new.url} (Timed out)")


def _client(context: Context, end: End, outgoing: bytes | None, limit: int, server: IPv4Address) -> Copying:
    device, config = context.device, context.device.config.of(FilesConfig)
    source, vrf = primary_address(device.config.interfaces.get(_from(context, end))), _vrf(context, end)
    if end.scheme == "ftp":
        account = _account(context, end)
        return FtpCopy(device, server, end.path, outgoing, limit, account, source, vrf.name)
    client = TftpClient(end.path, outgoing, limit, config.tftp_block or BLOCK)
    return transfer(device, client, server, source, vrf)


def _from(context: Context, end: End) -> str:
    """The interface whose address a server sees; empty: that of the way there."""
    config = context.device.config.of(FilesConfig)
    return {"ftp": config.ftp_source, "tftp": config.tftp_source}.get(end.scheme, "")


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
    if isinstance(carried, FtpCopy):
        return carried.reason
    ended = carried.transfer
    if ended.silent:
        return "Timed out"
    if ended.error is None:
        return ""
    return REASONS.get(ended.error.code, ended.error.message or "Undefined error")


def _fetch(context: Context, old: End, new: End, server: IPv4Address) -> Steps:
    """From a server into a file, or over a configuration."""
    device = context.device
    place = locate(context, new.url)
    if place.files is not None and place.path in place.files and place.path != STARTUP and not quiet(context):
        yield "%Warning:There is a file already existing with this name "
        if not (yield Confirm("Do you want to over write? [confirm]")):
            return
    yield f"Accessing {old.url}..."
    started = device.now
    limit = MOST_OCTETS if place.files is None else place.files.capacity
    carried = _client(context, old, None, limit, server)

    def lead() -> str:
        if isinstance(carried, FtpCopy):
            return f"Loading {old.path} "
        return f"Loading {old.path} from {server} (via {carried.interface}): "

    yield from _progress(carried, lead)
    reason = _reason(carried)
    if reason:
        if carried.transfer.blocks:
            yield ""
            raise CommandError(f"%Error copying {old.url} ({reason})")
        raise CommandError(f"%Error opening {old.url} ({reason})")
    data = bytes(carried.transfer.data)
    yield ""
    yield f"[OK - {len(data)}{'/4096' if old.scheme == 'ftp' else ''} bytes]"
    yield ""
    seconds = device.now - started
    if place.files is not None:
        write(context, new.url, data)
        if place.path == STARTUP:
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
    yield _copied(len(data), seconds)


def _put(context: Context, old: End, new: End, server: IPv4Address) -> Steps:
    """To a server."""
    data = yield from reading(context, old.url)
    started = context.device.now
    carried = _client(context, new, data, 0, server)
    yield from _progress(carried, None if new.scheme == "tftp" else lambda: f"Writing {new.path} ")
    reason = _reason(carried)
    if reason:
        yield ""
        raise CommandError(f"%Error opening {new.url} ({reason})")
    yield ""
    yield _copied(len(data), context.device.now - started)


def _copied(octets: int, seconds: float) -> str:
    return f"{octets} bytes copied in {seconds:.3f} secs ({int(octets / max(seconds, 0.001))} bytes/sec)"


def _copy(context: Context, old: End, new: End) -> Steps:
    place = locate(context, new.url)
    if place.files is not None and place.path == STARTUP and place.scheme == "nvram":
        yield from _to_startup(context, old)
        return
    started = context.device.now
    data = yield from reading(context, old.url)
    if place.scheme == "null":
        yield Wait(COPY_SECONDS)
    elif place.files is None:
        yield from merge(context, configuration_lines(old.url, data))
        yield Wait(COPY_SECONDS)
    else:
        if place.path in place.files and not quiet(context):
            yield "%Warning:There is a file already existing with this name "
            sure = yield Confirm("Do you want to over write? [confirm]")
            if not sure:
                return
        yield Wait(COPY_SECONDS + len(data) / COPIED_PER_SECOND)
        write(context, new.url, data)
    seconds = context.device.now - started
    yield _copied(len(data), seconds)


def _to_startup(context: Context, old: End) -> Steps:
    if old.path == RUNNING and old.scheme in ("", "system"):
        yield from write_memory(context)
        return
    write(context, STARTUP, (yield from reading(context, old.url)))
    yield "[OK]"
