"""`iosemu record` and `iosemu compare`: writing transcripts of devices, and running them against a lab."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def record_device(
    device: Annotated[
        str,
        typer.Argument(
            metavar="DEVICE",
            help="A device of a running lab, or a real one: [USER@]HOST[:PORT] "
            "(password: asked for, or in IOSEMU_PASSWORD).",
        ),
    ],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="Where to write.")],
    commands: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Type the lines of this file (-: standard input), one by one."),
    ] = None,
    listen: Annotated[
        int | None,
        typer.Option(
            metavar="PORT", min=0, max=65535, help="Stand between a script and the device on this port."
        ),
    ] = None,
    user: Annotated[str | None, typer.Option(help="Whom to log in as.")] = None,
    name: Annotated[str | None, typer.Option(help="What the transcript calls the device.")] = None,
    literal: Annotated[
        bool, typer.Option("--literal", help="Keep times, SPIs and MAC addresses instead of patterns.")
    ] = False,
    legacy_ssh: Annotated[
        bool, typer.Option("--legacy-ssh", help="Also offer the SSH algorithms of old devices.")
    ] = False,
    lab: Annotated[str | None, typer.Option(help="Which running lab, if there are several.")] = None,
) -> None:
    """Write down a session with a device as a transcript: typed here, by a file, or by a script."""
    from iosemu.testing.record_session import write_transcript

    write_transcript(
        device,
        output,
        commands=commands,
        listen=listen,
        user=user,
        name=name,
        literal=literal,
        legacy_ssh=legacy_ssh,
        lab=lab,
    )


def compare_recordings(
    paths: Annotated[list[Path], typer.Argument(metavar="TRANSCRIPT…", help="Recordings to run.")],
    lab: Annotated[
        str | None, typer.Option(help="Lab or lab file to run on, instead of what @lab says.")
    ] = None,
    device: Annotated[
        list[str] | None,
        typer.Option(metavar="REAL=NAME", help="The lab's device that stands for a recorded one."),
    ] = None,
    secret: Annotated[str, typer.Option(help="Password typed where the recorder hid one.")] = "cisco",  # noqa: S107
    report: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the differences as Markdown.")
    ] = None,
) -> None:
    """Say where iosemu answers otherwise than the device that was recorded."""
    import asyncio
    import contextlib
    from typing import TYPE_CHECKING

    from iosemu.testing import compare
    from iosemu.testing.batch import find

    if TYPE_CHECKING:
        from iosemu.testing.report import Report

    devices = {}
    for pair in device or []:
        real, equals, called = pair.partition("=")
        if not (equals and real and called):
            raise ValueError(f"--device {pair}: write REAL=NAME, such as --device core-1=R-A")
        devices[real] = called
    reports: list[Report] = []
    with contextlib.suppress(KeyboardInterrupt):
        for path in find(paths):
            reports.append(asyncio.run(compare.compare(path, lab, devices, secret)))
            print(compare.summary(reports[-1]))  # noqa: T201 - what the command is for
            for failure in reports[-1].failures:
                print(f"\n{failure}")  # noqa: T201
    if report is not None:
        report.write_text(compare.markdown(reports), encoding="utf-8")
    if not all(each.passed for each in reports):
        raise typer.Exit(1)
