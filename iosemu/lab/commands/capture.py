"""`iosemu capture`: the packets of a running lab, to a file or as lines of text."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from iosemu.lab.errors import LabError

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from iosemu.lab import console_client

app = typer.Typer(no_args_is_help=True)


@app.command(
    epilog="Examples: `iosemu capture R-A:Fa0/0` shows a line for each frame · "
    "`iosemu capture all -w lab.pcapng`, then `WIRESHARK_CONFIG_DIR=lab.pcapng.profile wireshark "
    "lab.pcapng` · `iosemu capture SW-1 -f 'icmp or arp' -w lan.pcapng --rotate 10M --ring 5` · "
    "`iosemu capture R-A:Fa0/0 -w - | wireshark -k -i -`"
)
def capture(
    target: Annotated[
        str,
        typer.Argument(
            metavar="DEVICE:PORT|DEVICE|all|cables",
            help="What to listen to; all: every frame once, cables: on each cable that it passes.",
        ),
    ],
    expression: Annotated[
        str,
        typer.Option(
            "-f", "--filter", metavar="FILTER", help="Which frames, such as 'icmp and host 10.0.0.1'."
        ),
    ] = "",
    write: Annotated[
        str | None, typer.Option("-w", "--write", metavar="FILE", help="Where to; - is standard output.")
    ] = None,
    keys: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The IKE and ESP keys, as JSON (default: FILE.keys).")
    ] = None,
    no_keys: Annotated[
        bool, typer.Option("--no-keys", help="Write neither keys nor a Wireshark profile beside the file.")
    ] = False,
    rotate: Annotated[
        str | None, typer.Option(metavar="SIZE", help="Begin another file after this much, such as 10M.")
    ] = None,
    ring: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Of the files of --rotate keep the newest N.")
    ] = None,
    lab: Annotated[str | None, typer.Option("--lab", help="Which running lab, if there are several.")] = None,
    host: Annotated[
        str | None, typer.Option(help="The machine on which the lab runs, if not this one.")
    ] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="The port of its console.")] = None,
) -> None:
    """Record a running lab as pcapng, or show a line for each frame, until Ctrl-C."""
    import contextlib
    import sys

    from iosemu.lab import console_client, registry
    from iosemu.lab.capture_rotation import RotatingWriter, size

    chosen = registry.locate(lab, host, port)
    if write is None:
        if rotate or ring or keys:
            raise LabError("--rotate, --ring and --keys go with -w FILE")

        def show(line: str) -> None:
            sys.stdout.write(line)
            sys.stdout.flush()

        _until_stopped(console_client.watch(chosen, target, expression, show))
        return
    if ring is not None and rotate is None:
        raise LabError("--ring needs --rotate SIZE")
    if write == "-" and rotate is not None:
        raise LabError("standard output cannot be rotated; name a file with -w")
    beside = write != "-" and not no_keys
    with contextlib.ExitStack() as stack:
        sink: console_client.Sink
        if write == "-":
            sink = sys.stdout.buffer
        elif rotate is not None:
            sink = stack.enter_context(contextlib.closing(RotatingWriter(Path(write), size(rotate), ring)))
        else:
            sink = stack.enter_context(Path(write).open("wb"))
        profile = Path(f"{write}.profile") if beside else None
        if write != "-":
            where = f"; decrypted by: WIRESHARK_CONFIG_DIR={profile} wireshark {write}" if profile else ""
            typer.echo(f"Recording {target} to {write}; Ctrl-C stops{where}", err=True)
        key_file = keys or (Path(f"{write}.keys") if beside else None)
        with contextlib.suppress(BrokenPipeError):
            _until_stopped(
                console_client.capture(chosen, target, sink, key_file, expression=expression, profile=profile)
            )


def _until_stopped(work: Coroutine[Any, Any, None]) -> None:
    """Run until it ends or somebody presses Ctrl-C."""
    import asyncio
    import contextlib
    import signal

    async def run() -> None:
        task = asyncio.ensure_future(work)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, task.cancel)
        with contextlib.suppress(asyncio.CancelledError):
            await task

    asyncio.run(run())
