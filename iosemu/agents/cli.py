"""`iosemu mcp`: labs for programs that speak the Model Context Protocol."""

from __future__ import annotations

import typer

from iosemu.lab.errors import LabError

app = typer.Typer(no_args_is_help=True)


@app.command(epilog='Example: `{"mcpServers": {"iosemu": {"command": "iosemu", "args": ["mcp"]}}}`')
def mcp() -> None:
    """Serve labs over the Model Context Protocol on standard input and output."""
    import asyncio
    from importlib.util import find_spec

    if find_spec("mcp") is None:
        raise LabError("the MCP server needs one more package: pip install 'iosemu[mcp]'")
    from iosemu.agents.server import serve

    asyncio.run(serve())
