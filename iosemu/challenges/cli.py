"""`iosemu challenge`: a lab with a fault to find, hints, and a grade."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from iosemu.lab.errors import LabError

if TYPE_CHECKING:
    from iosemu.challenges.grade import Verdict
    from iosemu.lab.image import LabImage
    from iosemu.lab.labfile import Topology

challenge = typer.Typer(
    no_args_is_help=True, help="Find the fault: labs that are spoilt by a seed, hints and a grade."
)
app = typer.Typer(no_args_is_help=True)
app.add_typer(challenge, name="challenge")

Folder = Annotated[Path, typer.Argument(help="The challenge's folder.")]
HERE = Path()


@challenge.command(
    epilog="Examples: `iosemu challenge new --seed 7` · `iosemu challenge new ipsec-vpn --fault isakmp-key`"
)
def new(
    lab: Annotated[str, typer.Argument(metavar="LAB", help="A lab in which all is well.")] = "enterprise",
    seed: Annotated[
        str | None, typer.Option(help="The same seed, the same fault (default: a random one).")
    ] = None,
    faults: Annotated[int, typer.Option(min=1, max=5, help="How many.")] = 1,
    fault: Annotated[list[str] | None, typer.Option(help="Only of this kind; may be repeated.")] = None,
    folder: Annotated[
        Path | None, typer.Option(help="Where to write it (default: LAB-challenge-SEED).")
    ] = None,
) -> None:
    """Spoil a lab and write it to a folder."""
    import asyncio
    import secrets

    from iosemu.challenges.challenge import create, write

    chosen = str(secrets.randbelow(1_000_000)) if seed is None else seed
    if not chosen or not all(sign.isalnum() or sign in "._-" for sign in chosen) or not chosen.isascii():
        raise LabError(f"--seed {chosen!r}: letters, digits, '.', '_' and '-'")
    made, topology, image = asyncio.run(create(lab, seed=chosen, faults=faults, only=fault or []))
    where = folder or Path(made.name)
    path = write(where, made, topology, image)
    for line in made.hint(1):
        typer.echo(f"  {line}")
    typer.echo(f"Start it: iosemu up {path}")
    typer.echo(f"Repair it by SSH, then: iosemu challenge grade {where}")


@challenge.command("list", epilog="Examples: `iosemu challenge list` · `iosemu challenge list ipsec-vpn`")
def list_faults(
    lab: Annotated[
        str | None, typer.Argument(metavar="LAB", help="Only what fits in this lab, and how often.")
    ] = None,
    language: Annotated[str, typer.Option(help="en or ja.")] = "en",
) -> None:
    """Print the catalogue of faults."""
    from iosemu.challenges.catalogue import CATALOGUE
    from iosemu.challenges.fault import SHOWN

    index = SHOWN.index(_language(language))
    counts = None if lab is None else _counts(lab)
    for name, entry in CATALOGUE.items():
        if counts is None or name in counts:
            count = "" if counts is None else f"{counts[name]:>3}  "
            typer.echo(f"{count}{name:<20} {entry.title[index]}")


def _counts(lab: str) -> dict[str, int]:
    import asyncio

    from iosemu.challenges.catalogue import places
    from iosemu.challenges.challenge import healthy_lab, topology_of
    from iosemu.testing.bench import LabBench

    async def count() -> dict[str, int]:
        bench = LabBench(direct=True)
        try:
            found = places(await healthy_lab(topology_of(lab), bench))
        finally:
            await bench.close()
        return {name: len(changes) for name, changes in found.items()}

    return asyncio.run(count())


@challenge.command(
    epilog="Examples: `iosemu challenge hint` · `iosemu challenge hint enterprise-challenge-7 --degree 3`"
)
def hint(
    folder: Folder = HERE,
    degree: Annotated[
        int,
        typer.Option(min=1, max=4, help="1: what fails, 2: what to look at, 3: where, 4: what repairs it."),
    ] = 1,
    language: Annotated[str, typer.Option(help="en or ja.")] = "en",
) -> None:
    """Tell a little more."""
    from iosemu.challenges.challenge import load

    for line in load(folder).hint(degree, _language(language)):
        typer.echo(line)


@challenge.command(
    epilog="Examples: `iosemu challenge grade` · `iosemu challenge grade --device R2 --cause isakmp-key` · "
    "`iosemu challenge grade --configs repaired/`"
)
def grade(
    folder: Folder = HERE,
    device: Annotated[list[str] | None, typer.Option(help="Where the fault is; may be repeated.")] = None,
    cause: Annotated[
        list[str] | None, typer.Option(help="What it is, as `list` names it; one for each --device.")
    ] = None,
    configs: Annotated[
        Path | None,
        typer.Option(help="A folder with NAME.cfg for each repaired device, in place of the running lab."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Judge the running lab: does it do all that a healthy one does, and nothing else? Exit code 1 if not."""
    import asyncio
    import json
    from dataclasses import asdict
    from itertools import zip_longest

    from iosemu.challenges import grade as judge
    from iosemu.challenges.challenge import load, topology_of

    made = load(folder)
    topology = topology_of(str(folder / "lab.yaml"))
    answers = [
        judge.Answer(where or "", what or "") for where, what in zip_longest(device or [], cause or [])
    ]
    image = _from_files(topology, configs) if configs is not None else _running(made.name)
    verdict = asyncio.run(judge.grade(made, image, answers, topology))
    right = verdict.passed and all(verdict.named)
    if as_json:
        typer.echo(json.dumps({**asdict(verdict), "score": verdict.score}))
    else:
        for line in _report(verdict):
            typer.echo(line)
        for answer, named in zip(answers, verdict.named, strict=True):
            said = " ".join(part for part in (answer.device, answer.cause) if part)
            typer.echo(f"{said}: {'that is it' if named else 'that is not what was done'}")
    if not right:
        raise typer.Exit(1)


def _report(verdict: Verdict) -> list[str]:
    signs = [("x", each) for each in verdict.better] + [
        ("!" if each in verdict.broken else " ", each) for each in verdict.lacking
    ]
    rows = [f"[{sign}] {text}" for sign, text in signs]
    if verdict.broken:
        rows.append("! was well before the repair")
    rows.append("Repaired; the lab does what it should." if verdict.passed else "Not repaired yet.")
    rows.append(f"{verdict.score} of 100 points")
    return rows


def _running(name: str) -> LabImage:
    import asyncio
    import json

    from iosemu.lab import console_client, registry
    from iosemu.lab.image import LabImage

    text, status = asyncio.run(console_client.command(registry.locate(name), "export"))
    if status:
        raise LabError(text.strip())
    return LabImage.read(json.loads(text))


def _from_files(topology: Topology, folder: Path) -> LabImage:
    """The configurations of a challenge, with those of a folder over them."""
    from iosemu.lab.image import LabImage, Wire

    texts = {name: topology.config_text(name) for name in topology.lab.nodes}
    found = {path.stem: path for path in sorted(folder.glob("*.cfg"))}
    strange = sorted(set(found) - set(texts))
    if strange or not found:
        what = f"{folder} has {', '.join(strange)}" if strange else f"{folder} has no *.cfg"
        raise LabError(f"{what}; the devices are: {', '.join(texts)}")
    texts.update((name, path.read_text("utf-8")) for name, path in found.items())
    return LabImage(texts, [Wire() for _ in topology.cables])


def _language(language: str) -> str:
    from iosemu.challenges.fault import SHOWN

    if language not in SHOWN:
        raise LabError(f"--language {language}: one of {', '.join(SHOWN)}")
    return language
