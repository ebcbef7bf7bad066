"""Where the `iosemu` command begins."""

from __future__ import annotations

import sys
from collections.abc import Callable

from iosemu import __version__
from iosemu.lab.errors import LabError


def version() -> None:
    """Print the version."""
    sys.stdout.write(f"iosemu {__version__}\n")


def list_labs() -> None:
    """Print the labs that come along and those that run."""
    from rich.console import Console
    from rich.table import Table

    from iosemu.lab import inheritance, registry, resources

    live = {lab.name: lab for lab in registry.running()}
    table = Table()
    for heading in ("Lab", "About", "Running"):
        table.add_column(heading)
    for name, path in resources.labs().items():
        about = str(inheritance.extended(path).data.get("title", ""))
        lab = live.pop(name, None)
        table.add_row(name, about, f"pid {lab.pid}, console port {lab.console}" if lab else "")
    for name, lab in live.items():
        table.add_row(name, "", f"pid {lab.pid}, console port {lab.console}")
    Console().print(table)


_AT_ONCE: dict[tuple[str, ...], Callable[[], None]] = {("--version",): version, ("ls",): list_labs}
"""What scripts ask often is answered before the command line's library is imported: that takes 0.3 s of CPU."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command (default: what the shell gave); a fault is one clear message and exit code 1.

    Raises SystemExit at the end, as programs do.
    """
    words = sys.argv[1:] if arguments is None else arguments
    try:
        answer = _AT_ONCE.get(tuple(words))
        if answer is None:
            from iosemu.lab.commands.application import application

            application()(words, prog_name="iosemu")
        else:
            answer()
    except (LabError, OSError, ValueError) as error:
        text = str(error)
        if isinstance(error, OSError) and error.filename is not None:
            text = f"{error.filename}: {error.strerror}"
        _complain(text)
        sys.exit(1)
    sys.exit(0)


def _complain(text: str) -> None:
    """The lines of a fault on standard error, in colour where nothing in them looks like markup."""
    from rich.console import Console

    err = Console(stderr=True)
    for line in text.splitlines():
        plain = "[" in line
        err.print(f"iosemu: {line}" if plain else f"[red]iosemu:[/] {line}", highlight=False, markup=not plain,
                  soft_wrap=True)  # fmt: skip


if __name__ == "__main__":
    main()
