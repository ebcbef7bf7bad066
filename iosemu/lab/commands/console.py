"""`iosemu nodes`, `link`, `time` and others: each types a line at the console of a running lab."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True)

Lab = Annotated[str | None, typer.Option("--lab", help="Which running lab, if there are several.")]
Host = Annotated[str | None, typer.Option(help="The machine on which the lab runs, if not this one.")]
Port = Annotated[int | None, typer.Option(min=1, max=65535, help="The port of its console (2200).")]


def send(line: str, lab: str | None, host: str | None, port: int | None) -> None:
    """Type `line` at the console and print what it answers; on standard error with exit code 1 when it refuses.

    Raises LabError when there is no such lab or it does not answer.
    """
    import asyncio
    import sys

    from iosemu.lab import console_client, registry

    text, status = asyncio.run(console_client.command(registry.locate(lab, host, port), line))
    if status:
        sys.stderr.write(refused(line, text))
        raise typer.Exit(status)
    sys.stdout.write(text)
    sys.stdout.flush()


def refused(line: str, answer: str) -> str:
    """What the console said against `line`; a caret needs the line above it to point into."""
    text = answer.strip("\n")
    return f"{line}\n{text}\n" if text.lstrip().startswith("^") else f"{text}\n"


@app.command(epilog="Example: `iosemu nodes` · `iosemu nodes --host lab7 --port 2200`")
def nodes(lab: Lab = None, host: Host = None, port: Port = None) -> None:
    """List the devices of a running lab, their ports and power."""
    send("nodes", lab, host, port)


@app.command(epilog="Example: `iosemu links`")
def links(lab: Lab = None, host: Host = None, port: Port = None) -> None:
    """List the cables of a running lab and what is wrong with them."""
    send("links", lab, host, port)


@app.command(
    epilog="Examples: `iosemu link R-A:Fa0/0 down` · `iosemu link R-A:Fa0/0 delay 20ms loss 1%` · "
    "`iosemu link R-A:Fa0/0 clear`"
)
def link(
    endpoint: Annotated[str, typer.Argument(metavar="NODE:PORT", help="A port with a cable.")],
    change: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="up|down|clear|FAULT VALUE …",
            help="FAULT: delay, jitter, loss, duplicate, reorder, corrupt, rate, mtu.",
        ),
    ] = None,
    lab: Lab = None,
    host: Host = None,
    port: Port = None,
) -> None:
    """Cut, mend or spoil a cable of a running lab; tell what it does."""
    send(" ".join(["link", endpoint, *(change or [])]), lab, host, port)


@app.command(epilog="Examples: `iosemu power off R-B` · `iosemu power cycle R-B`")
def power(
    state: Annotated[str, typer.Argument(metavar="on|off|cycle")],
    node: Annotated[str, typer.Argument(help="A device.")],
    lab: Lab = None,
    host: Host = None,
    port: Port = None,
) -> None:
    """Switch a device of a running lab."""
    send(f"power {state} {node}", lab, host, port)


@app.command(epilog="Example: `iosemu advance 1h`")
def advance(
    duration: Annotated[str, typer.Argument(help="Such as 20ms, 90s, 5m, 1h, 1d.")],
    lab: Lab = None,
    host: Host = None,
    port: Port = None,
) -> None:
    """Let lab time pass as quickly as it can be computed."""
    send(f"advance {duration}", lab, host, port)


@app.command(epilog="Example: `iosemu converge PC1 192.168.2.10 R1:Fa0/0`")
def converge(
    source: Annotated[str, typer.Argument(metavar="NODE", help="The device that pings.")],
    destination: Annotated[str, typer.Argument(metavar="ADDRESS", help="Whom it pings.")],
    endpoint: Annotated[str, typer.Argument(metavar="NODE:PORT", help="The cable to cut.")],
    within: Annotated[str, typer.Option(help="How long to wait for another way, lab time.")] = "120s",
    lab: Lab = None,
    host: Host = None,
    port: Port = None,
) -> None:
    """Cut a cable while pings go on: how many are lost, and which events ended it, in lab time."""
    send(f"converge {source} {destination} {endpoint} within {within}", lab, host, port)


@app.command(epilog="Examples: `iosemu trace PC1 192.168.2.10` · `iosemu trace PC1 R2 tcp 22`")
def trace(
    source: Annotated[str, typer.Argument(metavar="NODE", help="The device that sends it.")],
    destination: Annotated[str, typer.Argument(metavar="ADDRESS", help="An address, or a node.")],
    protocol: Annotated[str, typer.Argument(metavar="[icmp|udp|tcp]")] = "icmp",
    port_to: Annotated[int | None, typer.Argument(metavar="[PORT]", help="Of udp and tcp.")] = None,
    lab: Lab = None,
    host: Host = None,
    port: Port = None,
) -> None:
    """Send one packet and tell what every device decides about it and its answer, with the configuration behind it."""
    words = f"{protocol} {port_to}" if port_to is not None else protocol
    send(f"trace {source} {destination} {words}", lab, host, port)


@app.command(epilog="Examples: `iosemu time` · `iosemu time fast`")
def time(
    pace: Annotated[str, typer.Argument(metavar="[real|fast|manual]")] = "",
    lab: Lab = None,
    host: Host = None,
    port: Port = None,
) -> None:
    """Show lab time, or choose how it passes."""
    send(f"time {pace}".rstrip(), lab, host, port)


@app.command(epilog="Example: `iosemu save`")
def save(lab: Lab = None, host: Host = None, port: Port = None) -> None:
    """Save the running configuration of every device of a running lab."""
    send("save", lab, host, port)


@app.command(epilog="Example: `iosemu topology`")
def topology(lab: Lab = None, host: Host = None, port: Port = None) -> None:
    """Draw a running lab in the terminal."""
    send("topology", lab, host, port)


@app.command(
    epilog='Examples: `iosemu console` lists the commands · `iosemu console "capture R-A:Fa0/0 text"`'
)
def console(
    line: Annotated[str, typer.Argument(help="A line as at the console's prompt.")] = "help",
    lab: Lab = None,
    host: Host = None,
    port: Port = None,
) -> None:
    """Type a line at the console of a running lab."""
    send(line, lab, host, port)
