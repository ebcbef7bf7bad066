"""The commands of the lab console: the whole lab seen, spoilt, moved and saved."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from ipaddress import IPv4Address
from typing import Protocol, runtime_checkable

from iosemu.handling.context import Context
from iosemu.handling.effects import (
    Close,
    CommandError,
    Interrupted,
    Output,
    Steps,
    Wait,
    WaitFor,
    Write,
    paused,
)
from iosemu.net.signal import Signal


class Watch(Protocol):
    """Frames that are being captured as lines of text."""

    @property
    def ready(self) -> bool:
        """There is a line, or the end was reached."""
        ...

    def lines(self) -> list[str]:
        """The lines since the last call."""
        ...

    def close(self) -> None:
        """Capture no more."""
        ...


class Measurement(Protocol):
    """What is measured as lab time passes."""

    @property
    def finished(self) -> bool:
        """There is a result, or there will be none."""
        ...

    @property
    def done(self) -> Signal:
        """Emitted at the end."""
        ...

    @property
    def error(self) -> str:
        """Why there is no result; empty while nothing is wrong."""
        ...

    def report(self) -> Iterator[str]:
        """The result as lines."""
        ...

    def stop(self) -> None:
        """Measure no more."""
        ...


@runtime_checkable
class Console(Protocol):
    """What the lab offers these commands; each method raises CommandError when it refuses."""

    @property
    def now(self) -> float:
        """Lab time in seconds."""
        ...

    def nodes(self) -> list[str]:
        """The devices as a table."""
        ...

    def links(self) -> list[str]:
        """The cables as a table."""
        ...

    def link(self, endpoint: str, action: str) -> None:
        """`up`, `down` or `clear` a cable."""
        ...

    def impair(self, endpoint: str, faults: Mapping[str, str]) -> list[str]:
        """Set faults of a cable; returns what it does now."""
        ...

    def power(self, state: str, node: str) -> None:
        """Switch a device `on`, `off` or through a `cycle`."""
        ...

    def advance(self, amount: str) -> float:
        """Let lab time go; returns the lab time at which it stops."""
        ...

    def halt(self) -> None:
        """Let lab time go no further than now."""
        ...

    def time(self, pace: str) -> str:
        """Choose how time passes, unless `pace` is empty; returns how it does."""
        ...

    def capture(self, target: str, expression: str, text: bool) -> Watch | None:
        """Begin to capture; None when the frames go to the client as they are."""
        ...

    @property
    def arrived(self) -> Signal:
        """Emitted when a capture that `capture` began has something new."""
        ...

    def converge(self, source: str, destination: str, endpoint: str, within: str) -> Measurement:
        """Ping, cut a cable, and watch until pings are answered again."""
        ...

    def trace(self, source: str, destination: str, protocol: str, port: int | None) -> Measurement:
        """Send one packet and follow it and its answer."""
        ...

    def keys(self) -> str:
        """IKE and ESP keys as JSON."""
        ...

    def save(self) -> list[str]:
        """Save every configuration; returns what was saved."""
        ...

    def export(self) -> Iterator[str]:
        """Every running configuration, and what else is not as the lab file has it, as lines of JSON."""
        ...

    def topology(self, form: str) -> list[str]:
        """The lab drawn as `text`, `mermaid` or `svg`."""
        ...

    def check(self, name: str, data: bool = False) -> list[str]:
        """Whether the lab's tasks are done, for people or (`data`) as JSON."""
        ...

    def snapshot(self, label: str) -> Generator[None, None, list[str]]:
        """Keep the lab as it is now, a device each step."""
        ...

    def snapshots(self) -> list[str]:
        """The moments that are kept."""
        ...

    def restore(self, number: int) -> list[str]:
        """Put the lab back to a moment."""
        ...

    def branch(self, name: str) -> Generator[None, None, list[str]]:
        """Go on with another branch; without a name tell of all."""
        ...

    def compare(self, first: str, second: str) -> Generator[None, None, list[str]]:
        """What differs between a moment or branch and another one, or now."""
        ...

    def web(self, token: bool) -> list[str]:
        """A fresh link to the lab's page in a browser, or the address of its API and a token for a program."""
        ...

    def commands(self) -> list[str]:
        """The commands with a word about each."""
        ...


PATIENCE = 60.0
"""Lab seconds after which a packet that is traced will tell nothing any more, if the lab was put back meanwhile."""


def console_of(context: Context) -> Console:
    """The lab, which stands in for a device here."""
    assert isinstance(context.device, Console)
    return context.device


def nodes(context: Context) -> list[str]:
    """`nodes`."""
    console = console_of(context)
    return console.nodes()


def links(context: Context) -> list[str]:
    """`links`."""
    console = console_of(context)
    return console.links()


def link(context: Context, endpoint: str, action: str) -> Output:
    """`link NODE:PORT up|down|clear`."""
    console = console_of(context)
    console.link(endpoint, action)
    return None


def impair(
    context: Context,
    endpoint: str,
    delay: str = "",
    jitter: str = "",
    loss: str = "",
    duplicate: str = "",
    reorder: str = "",
    corrupt: str = "",
    rate: str = "",
    mtu: str = "",
) -> list[str]:
    """`link NODE:PORT [delay 20ms] [loss 1%] …`; without any it tells what the cable does."""
    console = console_of(context)
    faults = {
        "delay": delay, "jitter": jitter, "loss": loss, "duplicate": duplicate,
        "reorder": reorder, "corrupt": corrupt, "rate": rate, "mtu": mtu,
    }  # fmt: skip
    return console.impair(endpoint, {name: value for name, value in faults.items() if value})


def power(context: Context, state: str, node: str) -> Output:
    """`power on|off|cycle NODE`."""
    console = console_of(context)
    console.power(state, node)
    return None


def converge(
    context: Context, source: str, destination: IPv4Address, endpoint: str, limit: str = "120s"
) -> Steps:
    """`converge NODE A.B.C.D NODE:PORT [within DURATION]`: what a cut costs; Ctrl-C stops."""
    watch = console_of(context).converge(source, str(destination), endpoint, limit)
    try:
        yield WaitFor(lambda: watch.finished, None, watch.done)
    except Interrupted:
        return
    finally:
        watch.stop()
    if watch.error:
        raise CommandError(f"% {watch.error}")
    yield from watch.report()


def trace(
    context: Context,
    source: str,
    destination: str,
    icmp: bool = False,
    protocol: str = "",
    port: int | None = None,
) -> Steps:
    """`trace NODE A.B.C.D [icmp | udp PORT | tcp PORT]`: what every device decides; Ctrl-C stops."""
    watch = console_of(context).trace(source, destination, protocol or "icmp", port)
    try:
        yield WaitFor(lambda: watch.finished, PATIENCE, watch.done)
    except Interrupted:
        return
    finally:
        watch.stop()
    yield from watch.report()


def advance(context: Context, amount: str) -> Steps:
    """`advance DURATION`; Ctrl-C stops."""
    console = console_of(context)
    until = console.advance(amount)
    try:
        yield Wait(until - console.now)
    except Interrupted:
        console.halt()
    yield console.time("")


def time(context: Context, pace: str = "") -> str:
    """`time [real|fast|manual]`."""
    console = console_of(context)
    return console.time(pace)


def capture(context: Context, target: str, text: bool = False, expression: str = "") -> Steps:
    """`capture TARGET [text] [filter EXPRESSION]`; Ctrl-C stops."""
    console = console_of(context)
    watch = console.capture(target, expression, text)
    if watch is None:
        yield WaitFor(lambda: False, signal=console.arrived)
        return
    try:
        while True:
            yield WaitFor(lambda: watch.ready, signal=console.arrived)
            for line in watch.lines():
                yield Write(line + "\n")
    except Interrupted:
        return
    finally:
        watch.close()


def keys(context: Context) -> str:
    """`keys`."""
    console = console_of(context)
    return console.keys()


def save(context: Context) -> list[str]:
    """`save`."""
    console = console_of(context)
    return console.save()


def export(context: Context) -> Iterator[str]:
    """`export`."""
    console = console_of(context)
    yield from console.export()


def topology(context: Context, mermaid: bool = False, svg: bool = False) -> list[str]:
    """`topology [mermaid|svg]`."""
    console = console_of(context)
    return console.topology("mermaid" if mermaid else "svg" if svg else "text")


def check(context: Context, json: bool = False, name: str = "") -> list[str]:
    """`check [json | NAME]`."""
    console = console_of(context)
    return console.check(name, json)


def snapshot(context: Context, label: str = "") -> Steps:
    """`snapshot [LABEL]`."""
    yield from (yield from paused(console_of(context).snapshot(label)))


def snapshots(context: Context) -> list[str]:
    """`snapshots`."""
    return console_of(context).snapshots()


def restore(context: Context, number: int) -> list[str]:
    """`restore N`."""
    return console_of(context).restore(number)


def branch(context: Context, name: str = "") -> Steps:
    """`branch [NAME]`."""
    yield from (yield from paused(console_of(context).branch(name)))


def compare(context: Context, first: str, second: str = "") -> Steps:
    """`compare N [M]`."""
    yield from (yield from paused(console_of(context).compare(first, second)))


def web(context: Context, token: bool = False) -> list[str]:
    """`web [token]`."""
    return console_of(context).web(token)


def help(context: Context) -> Iterator[str]:  # noqa: A001 - the command's name
    """`help`."""
    console = console_of(context)
    yield from console.commands()


def leave(context: Context) -> Output:
    """`exit`."""
    return [Close()]
