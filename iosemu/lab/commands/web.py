"""`iosemu web`: a lab in a browser."""

from __future__ import annotations

from typing import Annotated

import typer

from iosemu.lab.commands.labs import HANDOUT, Options, WebListen, WebOptions, WebPort, require_web, run
from iosemu.lab.registry import BASE_PORT
from iosemu.server.pace import Pace

app = typer.Typer(no_args_is_help=True)


@app.command(
    epilog="Examples: `iosemu web` · `iosemu web ipsec-vpn-exercise` · `iosemu web office --no-browser`"
)
def web(
    lab: Annotated[
        str | None,
        typer.Argument(metavar="LAB", help="A lab to start, or one that runs (default: the one that runs)."),
    ] = None,
    time: Annotated[Pace, typer.Option(help="How lab time passes.")] = Pace.REAL,
    base_port: Annotated[
        int, typer.Option(min=0, max=65000, help="Port of the console; the devices' ports move with it.")
    ] = BASE_PORT,
    seed: Annotated[
        str | None, typer.Option(help="Make every run alike: addresses, keys and captures follow from it.")
    ] = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the user's browser.")] = True,
    token: Annotated[
        bool,
        typer.Option("--token", help="Print the address of the running lab's API and a token for a program."),
    ] = False,
    web_port: WebPort = None,
    web_listen: WebListen = "127.0.0.1",
) -> None:
    """Show a lab in a browser: start it, or print a fresh link to one that runs with --web."""
    import webbrowser

    from iosemu.lab import registry

    require_web()
    live = registry.running()
    found = [each for each in live if lab in (None, each.name)]
    if token:
        typer.echo(fresh_link(lab, "web token"))
        return
    if not found:
        options = Options(
            time=time, base_port=base_port, seed=seed, web=WebOptions(web_listen, web_port, browser)
        )
        run(lab or HANDOUT, options)
        return
    link = fresh_link(found[0].name)
    typer.echo(link)
    if browser:
        webbrowser.open(link)


def fresh_link(lab: str | None, line: str = "web") -> str:
    """A link to the page of a running lab, or what else `line` asks for; raises typer.Exit when it has none."""
    import asyncio
    import sys

    from iosemu.lab import console_client, registry

    text, status = asyncio.run(console_client.command(registry.locate(lab, None, None), line))
    if status:
        sys.stderr.write(text)
        raise typer.Exit(status)
    return text.strip()
