"""`iosemu farm`: a class of labs, from the command line."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from iosemu.lab.errors import LabError

if TYPE_CHECKING:
    from rich.table import Table

    from iosemu.farm.farm import Farm
    from iosemu.farm.wire import Message

app = typer.Typer(no_args_is_help=True)
farm = typer.Typer(
    no_args_is_help=True, help="Many labs from one template: a class, each student with a lab."
)
account = typer.Typer(no_args_is_help=True, help="Who may come in: passwords, tokens and keys.")
farm.add_typer(account, name="account")
app.add_typer(farm, name="farm")

ClassName = Annotated[
    str | None, typer.Option("--class", metavar="NAME", help="Which running class, if there are several.")
]
Labs = Annotated[list[str] | None, typer.Argument(metavar="STUDENT…", help="Whose labs.")]
Everybody = Annotated[bool, typer.Option("--all", help="All labs of the class.")]
ClassFilePath = Annotated[Path, typer.Argument(metavar="CLASS.YAML", help="A class file.")]
AnyClass = Annotated[str, typer.Argument(metavar="CLASS", help="A class file, or the name of a class.")]


# --- the class ----------------------------------------------------------------------------------------


@farm.command(epilog="Examples: `iosemu farm up class.yaml` · `iosemu farm up class.yaml --workers 4`")
def up(
    path: ClassFilePath,
    workers: Annotated[
        int | None,
        typer.Option(min=1, max=512, help="Worker processes (default: the file's, or one a core)."),
    ] = None,
    listen: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Let other machines in: the gateway listens there.")
    ] = None,
) -> None:
    """Start the labs of a class and keep them running until Ctrl-C or SIGTERM."""
    import asyncio

    from iosemu.farm import journal
    from iosemu.farm.class_file import read
    from iosemu.farm.farm import run
    from iosemu.farm.registry import LOGS, farm_directory
    from iosemu.server import durable

    found = read(path)
    directory = farm_directory(found.file.name) / LOGS
    durable.make_directories(directory)
    journal.begin(directory / "farm.log")
    asyncio.run(run(found, workers=workers, listen=listen, began=_began))


def _began(farm: Farm) -> None:
    supervisor, file = farm.supervisor, farm.supervisor.found.file
    known = farm.accounts.all()
    strangers = [name for name in supervisor.found.orders if name not in known]
    first = next(iter(supervisor.found.orders))
    said = [
        f"Class {file.name}: {len(supervisor.found.orders)} labs, {len(supervisor.posts)} workers.",
        f"ssh {first}+DEVICE@{file.listen} -p {supervisor.ports['ssh']}",
    ]
    said += [f"http://{file.listen}:{port}/" for what, port in supervisor.ports.items() if what == "web"]
    if strangers:
        said.append(
            f"{len(strangers)} students cannot log in yet: iosemu farm account issue {supervisor.found.path}"
        )
    print("\n".join(said), flush=True)  # noqa: T201 - what the command is for


@farm.command(epilog="Examples: `iosemu farm status` · `iosemu farm status --json`")
def status(
    name: ClassName = None,
    as_json: Annotated[bool, typer.Option("--json", help="All there is, as JSON.")] = False,
) -> None:
    """Show the workers and the labs of a running class."""
    from rich.console import Console

    found = _ask(name, {"do": "status"})
    if as_json:
        print(json.dumps(found, indent=2, ensure_ascii=False))  # noqa: T201
        return
    console = Console(highlight=False)
    ports = ", ".join(f"{what} {port}" for what, port in found["ports"].items())
    console.print(f"Class {found['name']}, process {found['pid']}, ports: {ports}", markup=False)
    console.print(_workers(found))
    console.print(_labs(found))


def _workers(found: Message) -> Table:
    from rich.table import Table

    table = Table()
    for heading in ("Worker", "State", "Process", "Labs", "Restarts"):
        table.add_column(heading, no_wrap=True)
    for each in found["workers"]:
        state = "up" if each["up"] else "starting"
        table.add_row(str(each["number"]), state, str(each["pid"]), str(each["labs"]), str(each["restarts"]))
    return table


def _labs(found: Message) -> Table:
    from rich.table import Table

    table = Table()
    for heading in ("Student", "State", "Worker", "Sessions", "Points", "Stage", "CPU s", "MB"):
        table.add_column(heading)
    for each in found["labs"]:
        state = each["state"] + (f": {each['why']}" if each["why"] else "")
        sessions = len(each.get("terminals", ())) + int(each.get("visitors", 0))
        points = f"{each.get('points', 0)}/{each.get('total', 0)}"
        memory = f"{each.get('memory', 0) / (1 << 20):.1f}"
        table.add_row(each["name"], state, str(each["worker"]), str(sessions), points, each.get("stage", ""),
                      f"{each.get('cpu_seconds', 0.0):.1f}", memory)  # fmt: skip
    return table


@farm.command(epilog="Examples: `iosemu farm stop` · `iosemu farm stop student17`")
def stop(labs: Labs = None, name: ClassName = None) -> None:
    """Stop a class, or the labs of some students; what is configured comes back at the next start."""
    import asyncio

    if not labs:
        from iosemu.farm.registry import locate

        process = int(locate(name)["pid"])
        _ask(name, {"do": "end"})
        asyncio.run(_wait_for_end(process))
        return
    _each(name, "stop", labs)


async def _wait_for_end(process: int) -> None:
    import asyncio

    from iosemu.farm.registry import running_farms

    while any(each["pid"] == process for each in running_farms().values()):
        await asyncio.sleep(0.1)  # the end of a process that is no child of ours is told nowhere


@farm.command(epilog="Example: `iosemu farm start student17`")
def start(labs: Labs = None, every: Everybody = False, name: ClassName = None) -> None:
    """Start labs that were stopped, or that failed."""
    _each(name, "start", _chosen(name, labs, every))


@farm.command(epilog="Example: `iosemu farm restart student17`")
def restart(labs: Labs = None, every: Everybody = False, name: ClassName = None) -> None:
    """Start labs anew as they are configured."""
    _each(name, "restart", _chosen(name, labs, every))


@farm.command(epilog="Examples: `iosemu farm restore student17` · `iosemu farm restore --all`")
def restore(labs: Labs = None, every: Everybody = False, name: ClassName = None) -> None:
    """Have labs begin anew as the lab file says; what was saved in them is lost."""
    _each(name, "restore", _chosen(name, labs, every))


@farm.command(epilog="Example: `iosemu farm update`")
def update(name: ClassName = None) -> None:
    """Read the class file and the program anew, one worker after the other; labs go on where they were."""
    done = _ask(name, {"do": "update"})
    print(f"{done['workers']} workers renewed, {done['labs']} labs.")  # noqa: T201


@farm.command(epilog="Examples: `iosemu farm logs` · `iosemu farm logs student17`")
def logs(
    lab: Annotated[str | None, typer.Argument(metavar="[STUDENT]", help="Whose lab alone.")] = None,
    name: ClassName = None,
) -> None:
    """Print what the farm and its workers logged, in the order of time, a line of JSON each."""
    from iosemu.farm.registry import LOGS, farm_directory, locate

    directory = farm_directory(name if name is not None else str(locate(None)["name"])) / LOGS
    lines: list[tuple[str, str]] = []
    for path in directory.glob("*.log"):
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                data = json.loads(line)
                if lab is None or data.get("lab") == lab:
                    lines.append((str(data.get("time", "")), line))
            except (ValueError, AttributeError):
                if lab is None:
                    lines.append((lines[-1][0] if lines else "", line))
    for _time, line in sorted(lines, key=lambda each: each[0]):
        print(line)  # noqa: T201


@farm.command(epilog="Examples: `iosemu farm report` · `iosemu farm report --output class.csv` · "
              "`iosemu farm report --output class.json`")  # fmt: skip
def report(
    output: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A file that ends in .csv or .json (default: CSV, printed)."),
    ] = None,
    name: ClassName = None,
) -> None:
    """Tell who is at which step of the checks, as they are now: a line for each student."""
    import time

    from iosemu.farm import progress
    from iosemu.server import durable

    if output is not None and output.suffix not in (".csv", ".json"):
        raise typer.BadParameter(f"{output} should end in .csv or .json", param_hint="--output")
    found = _ask(name, {"do": "look"})
    as_json = output is not None and output.suffix == ".json"
    text = progress.json_text(found["name"], found["labs"], time.time()) if as_json \
        else progress.csv_text(found["labs"], time.time())  # fmt: skip
    if output is None:
        print(text, end="")  # noqa: T201
    else:
        durable.write_file(output, text.encode())
        print(f"{output}: {len(found['labs'])} labs")  # noqa: T201


@farm.command(epilog="Examples: `iosemu farm watch student17` · `iosemu farm watch student17 3 --take-over`")
def watch(
    lab: Annotated[str, typer.Argument(metavar="STUDENT", help="Whose terminal.")],
    terminal: Annotated[
        int | None, typer.Argument(help="Which, as `farm status --json` numbers them.")
    ] = None,
    take_over: Annotated[bool, typer.Option("--take-over", help="Type in the student's place.")] = False,
    name: ClassName = None,
) -> None:
    """See what a student sees in a terminal; Ctrl-] ends it."""
    import asyncio

    from iosemu.farm.watching import watch as look_on
    from iosemu.farm.wire import Address

    if terminal is None:
        labs = {each["name"]: each for each in _ask(name, {"do": "status"})["labs"]}
        if lab not in labs:
            raise LabError(f"there is no student {lab!r}")
        numbers = [each["number"] for each in labs[lab].get("terminals", ())]
        if len(numbers) != 1:
            raise LabError(f"{lab} has {len(numbers)} terminals open; say which: {', '.join(map(str, numbers))}"
                           if numbers else f"{lab} has no terminal open")  # fmt: skip
        terminal = int(numbers[0])
    address = Address(**_ask(name, {"do": "where", "lab": lab})["address"])
    try:
        asyncio.run(look_on(address, lab, terminal, typing=take_over))
    except OSError as error:
        raise LabError(f"the lab's worker does not answer: {error}") from error


# --- accounts -----------------------------------------------------------------------------------------


@account.command(epilog="Example: `iosemu farm account issue class.yaml --output tokens.csv`")
def issue(
    path: ClassFilePath,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write them there (default: to standard output).")
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Also for those who have one: the old one is void.")
    ] = False,
) -> None:
    """Make a token for every student and teacher of a class who has no account yet: CSV, each token once."""
    from iosemu.farm.class_file import read
    from iosemu.server import durable

    file = read(path)
    accounts = _accounts(str(path))
    wanted = [
        *((name, "student") for name in file.orders),
        *((name, "teacher") for name in file.file.teachers),
    ]
    rows = ["name,role,token"]
    known = dict(accounts.all())
    for who, role in wanted:
        if again or who not in known:
            rows.append(f"{who},{role},{accounts.issue(who, role)}")
    text = "\n".join(rows) + "\n"
    if output is None:
        print(text, end="")  # noqa: T201
    else:
        durable.write_file(output, text.encode())
        print(f"{output}: {len(rows) - 1} tokens")  # noqa: T201


@account.command(epilog="Examples: `iosemu farm account add networks student17 --password` · "
                 "`iosemu farm account add networks ada --role teacher --key ada.pub`")  # fmt: skip
def add(
    name: AnyClass,
    who: Annotated[str, typer.Argument(metavar="LOGIN")],
    role: Annotated[str, typer.Option(help="student or teacher.")] = "student",
    password: Annotated[
        bool, typer.Option("--password", help="Ask for a password (or read a line of standard input).")
    ] = False,
    key: Annotated[Path | None, typer.Option(metavar="FILE", help="A public key that opens, too.")] = None,
    token: Annotated[
        str | None, typer.Option(metavar="LABEL", help="Print a fresh token of this label.")
    ] = None,
) -> None:
    """Add an account, or change it."""
    from iosemu.farm.accounts import Account, hashed, public_key_of

    if role not in ("student", "teacher"):
        raise typer.BadParameter(f"{role!r} is neither student nor teacher", param_hint="--role")
    if not (password or key or token):
        raise LabError("give --password, --key or --token: an account without any opens nothing")
    accounts = _accounts(name)
    kept = hashed(_password()) if password else None
    public = public_key_of(key) if key is not None else None
    with accounts.changing() as known:
        found = known.setdefault(who, Account(who))
        found.role = role
        if kept is not None:
            found.password = kept
        if public is not None and public not in found.keys:
            found.keys.append(public)
    if token is not None:
        print(accounts.issue(who, role, token))  # noqa: T201


@account.command(epilog="Example: `iosemu farm account remove networks student17`")
def remove(name: AnyClass, who: Annotated[list[str], typer.Argument(metavar="LOGIN…")]) -> None:
    """Remove accounts; their labs stay."""
    with _accounts(name).changing() as known:
        missing = [each for each in who if each not in known]
        if missing:
            raise LabError(f"there is no account {', '.join(missing)}")
        for each in who:
            del known[each]


@account.command("list", epilog="Example: `iosemu farm account list networks`")
def list_accounts(name: AnyClass) -> None:
    """List the accounts of a class and what opens them."""
    for each in _accounts(name).all().values():
        ways = (["password"] if each.password else []) + [f"token {label}" for label in each.tokens]
        ways += [f"key {key.split()[-1] if len(key.split()) > 2 else key.split()[0]}" for key in each.keys]
        print(f"{each.name}\t{each.role}\t{', '.join(ways)}")  # noqa: T201


def _accounts(name: str) -> Any:
    from iosemu.farm.accounts import Accounts
    from iosemu.farm.class_file import read
    from iosemu.farm.registry import ACCOUNTS, farm_directory

    path = Path(name)
    if path.is_file():
        name = read(path).file.name
    elif not farm_directory(name).is_dir():
        raise LabError(f"there is no class and no class file {name!r}")
    return Accounts(farm_directory(name) / ACCOUNTS)


def _password() -> str:
    import getpass

    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    first = getpass.getpass()
    if getpass.getpass("Again: ") != first:
        raise LabError("the two are not alike")
    return first


# --- the way to the farm ------------------------------------------------------------------------------


def _ask(name: str | None, request: Message) -> Message:
    """Ask a running farm. Raises LabError."""
    import asyncio

    from iosemu.farm.registry import locate
    from iosemu.farm.wire import Address, ask

    control = Address(**locate(name)["control"])
    try:
        return asyncio.run(ask(control, request))
    except OSError as error:
        raise LabError(f"the farm does not answer: {error}") from error


def _chosen(name: str | None, labs: list[str] | None, every: bool) -> list[str]:
    if bool(labs) is every:
        raise LabError("name students, or give --all")
    return labs or [str(each["name"]) for each in _ask(name, {"do": "status"})["labs"]]


def _each(name: str | None, what: str, labs: list[str]) -> None:
    """Do something with labs, one after the other; a line for each."""
    bad = False
    for lab in labs:
        try:
            done = _ask(name, {"do": what, "lab": lab})
            print(f"{lab}: {done['state']}")  # noqa: T201
        except LabError as error:
            bad = True
            print(f"{lab}: {error}", file=sys.stderr)  # noqa: T201
    if bad:
        raise typer.Exit(1)


if __name__ == "__main__":
    from iosemu.lab.cli import main

    main(["farm", *sys.argv[1:]])
