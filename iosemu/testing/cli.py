"""`iosemu check` and `iosemu test`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from iosemu.testing.record_cli import compare_recordings, record_device

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from iosemu.testing.batch import Options
    from iosemu.testing.report import Report

app_test = typer.Typer(add_completion=False)
app_test.command(
    "record",
    epilog="Examples: iosemu record R-A -o a.transcript  ·  iosemu record R-A -o a.transcript --commands show.txt  ·  "
    "iosemu record admin@192.0.2.1 -o real.transcript --legacy-ssh  ·  iosemu record R-A -o s.transcript --listen 2299",
)(record_device)
app_test.command(
    "compare",
    epilog="Examples: iosemu compare real.transcript --lab ipsec-vpn --device core-1=R-A --report differences.md",
)(compare_recordings)


@app_test.command(
    "check",
    epilog="Examples: iosemu check ipsec-vpn  ·  iosemu check my/lab.yaml  ·  iosemu check ipsec-vpn-exercise --live"
    "  ·  iosemu check --ports-from-config router.cfg  ·  iosemu check configurations/",
)
def check(
    lab: Annotated[
        str,
        typer.Argument(
            metavar="LAB", help="A lab that comes along, a lab file, or a folder of configurations."
        ),
    ],
    on_running: Annotated[
        bool, typer.Option("--live", help="Tell which of its checks hold on the lab as it runs now.")
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option(help="Write the checks of the running lab to a file for a teacher: .html or .json."),
    ] = None,
    learner: Annotated[str, typer.Option(help="Whose report it is.")] = "",
    ports_from_config: Annotated[
        bool,
        typer.Option(
            "--ports-from-config",
            help="Give boxes the ports that their configurations name; LAB may be a configuration.",
        ),
    ] = False,
    model: Annotated[
        str | None, typer.Option(help="The model of every configuration of a folder (default: a guess).")
    ] = None,
    every_line: Annotated[
        bool, typer.Option("--lines", help="Of a folder: list every line that is not understood.")
    ] = False,
) -> None:
    """Report every configuration line that a lab, or a folder of configurations, has and boxes do not understand.

    With --live: see how far a learner is. With --report: the same as a file for a teacher.
    """
    if report is not None:
        _report(lab, report, learner)
        return
    if on_running:
        from iosemu.testing import live

        text, complete = live.examine(lab)
        print(text, end="")  # noqa: T201 - what the command is for
        if not complete:
            raise typer.Exit(1)
        return
    folder = Path(lab)
    if folder.is_dir() and not (folder / "lab.yaml").is_file():
        _survey(folder, model, every_line)
        return
    from iosemu.lab import lint

    findings = lint.check(lab, ports_from_config=ports_from_config)
    for finding in findings:
        print(finding)  # noqa: T201
    for own in (
        [] if Path(lab).is_file() and Path(lab).suffix not in (".yaml", ".yml") else lint.own_answers(lab)
    ):
        print(own)  # noqa: T201
    if findings:
        raise typer.Exit(1)
    print("All lines are understood.")  # noqa: T201


def _report(lab: str, path: Path, learner: str) -> None:
    """Write the report on a running lab."""
    from iosemu.testing import live

    if path.suffix not in (".html", ".json"):
        raise typer.BadParameter(f"{path} should end in .html or .json", param_hint="--report")
    found = live.report(lab, learner)
    path.write_text(found.html() if path.suffix == ".html" else found.json_text())
    print(f"{path}: {found.reached} of {found.total} points, {found.percent} %")  # noqa: T201
    if found.reached < found.total:
        raise typer.Exit(1)


def _survey(folder: Path, model: str | None, every_line: bool) -> None:
    """What boxes understand of the configurations in a folder."""
    from iosemu.lab.survey import survey

    found = survey(folder, model)
    for line in found.refused if every_line else ():
        print(line)  # noqa: T201
    for row in found.report():
        print(row)  # noqa: T201
    if found.refused or not found.files:
        raise typer.Exit(1)


_EXAMPLES = (
    "Examples: iosemu test tests/transcripts  ·  iosemu test vpn.transcript --direct  ·  "
    "iosemu test . -n 4 --junit report.xml  ·  iosemu test . --farm 10.0.0.1:6379 --junit report.xml  ·  "
    "iosemu test vpn.transcript --update"
)


@app_test.command("test", epilog=_EXAMPLES)
def run_transcripts(
    paths: Annotated[
        list[Path], typer.Argument(help="Transcripts, or directories of them.", metavar="PATH…")
    ],
    lab: Annotated[
        str | None, typer.Option(help="Lab or lab file to run on, instead of what @lab says.")
    ] = None,
    direct: Annotated[bool, typer.Option("--direct", help="In process, without SSH.")] = False,
    update: Annotated[
        bool, typer.Option("--update", help="Rewrite expected text that differs; patterns that fit stay.")
    ] = False,
    junit_file: Annotated[
        Path | None, typer.Option("--junit", help="Write a JUnit XML report.", metavar="FILE")
    ] = None,
    processes: Annotated[str, typer.Option("-n", help="Processes: a number, or auto.", metavar="N")] = "1",
    farm: Annotated[
        str | None,
        typer.Option(
            help="Send batches to a farm: local (processes of this machine, one a core unless -n says so), or a Ray "
            "cluster: HOST:PORT, ray://HOST:PORT or auto.",
            metavar="WHERE",
        ),
    ] = None,
    evidence: Annotated[
        Path | None,
        typer.Option(
            help="Keep packets, keys, logs and dialogues of labs whose transcripts fail (with --farm and --junit: "
            "beside the report).",
            metavar="FOLDER",
        ),
    ] = None,
) -> None:
    """Run transcripts against labs, over real SSH unless told otherwise."""
    from rich.console import Console

    from iosemu.testing import batch, junit

    console = Console(highlight=False)
    try:
        files = batch.find(paths)
        workers = _processes("auto" if farm is not None and processes == "1" else processes)
        if farm is not None and update:
            raise ValueError("--update rewrites files of this machine: leave out --farm")
    except ValueError as error:
        Console(stderr=True, highlight=False).print(f"iosemu test: {error}", markup=False, soft_wrap=True)
        raise typer.Exit(2) from error
    if evidence is None and farm is not None and junit_file is not None:
        evidence = junit_file.with_name(f"{junit_file.stem}-evidence")
    options = batch.Options(lab, direct, update, evidence is not None)
    reports: list[Report] = []
    for report in (
        batch.run_all(files, options, workers) if farm is None else _on_farm(files, options, farm, workers)
    ):
        reports.append(report)
        _show(console, report, update)
    reports.sort(key=lambda report: files.index(report.path))
    left = junit.leave(evidence, reports) if evidence is not None else {}
    for kept in left.values():
        console.print(f"kept: {kept[0].parent}", markup=False, soft_wrap=True)
    bad = sum(not (report.renewed if update else report.passed) for report in reports)
    seconds = sum(report.seconds for report in reports)
    console.print(f"{len(reports) - bad} of {len(reports)} passed in {seconds:.1f} s")
    if junit_file is not None:
        junit.write(junit_file, reports, left)
    if bad:
        raise typer.Exit(1)


def _on_farm(files: list[Path], options: Options, farm: str, workers: int) -> Iterator[Report]:
    from iosemu.testing import crews

    hands = crews.crew(farm, workers)
    try:
        yield from crews.run_all(files, options, hands, travel=farm != "local")
    finally:
        hands.close()


def _processes(text: str) -> int:
    if text == "auto":
        import os

        return os.cpu_count() or 1
    if not text.isdigit() or int(text) < 1:
        raise ValueError(f"-n {text}: give a number of processes, or auto")
    return int(text)


def _show(console: Console, report: Report, update: bool) -> None:
    from rich.markup import escape

    if report.passed:
        console.print(f"[green]ok[/]      {escape(str(report.path))}  {report.seconds:.2f} s")
        return
    if update and report.updated is not None:
        console.print(f"[yellow]updated[/] {escape(str(report.path))}")
    left = [failure for failure in report.failures if not (update and failure.renewed)]
    if left or report.error:
        console.print(f"[red]FAILED[/]  {escape(str(report.path))}")
        text = report.error or "\n\n".join(str(failure) for failure in left)
        console.print(text, markup=False, soft_wrap=True)
