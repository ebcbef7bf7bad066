"""Writes docs/reference from the grammar, the schema of lab files and the transcript format.

`python docs/generate.py` writes; `python docs/generate.py --check` says what is not current, with exit code 1.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from iosemu.lab import labfile_model, resources
from iosemu.parser.command import Command
from iosemu.parser.mode import Mode
from iosemu.parser.notation import Word
from iosemu.shell.prompt import prompt_text
from iosemu.testing import keys, patterns, transcript

HERE = Path(__file__).resolve().parent
NOTE = "<!-- made by docs/generate.py: change the source, then run it -->"


def page(title: str, lines: Iterator[str]) -> str:
    return "\n".join([f"# {title}", "", NOTE, "", *lines]).rstrip() + "\n"


def cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def code(text: str) -> str:
    return f"`{cell(text)}`"


# --- commands ---------------------------------------------------------------------------------------------


def mode_lines(mode: Mode) -> Iterator[str]:
    if mode.prompt:
        yield f"Prompt: {prompts(mode.prompt)}"
        yield ""
    shown = [command for command in mode.commands if not command.hidden]
    kept = sum(command.status == "accepted-only" for command in shown)
    yield f"{len(shown)} commands. Syntax is Cisco's: `[]` optional, `( | )` one of, `{{ | }}` any order,"
    yield "`<name:type>` a value."
    if kept:
        yield f"{kept} of them are *kept*: they stay in the configuration and do nothing."
    yield ""
    yield "| command | | where |"
    yield "|---|---|---|"
    for command in sorted(shown, key=lambda command: command.syntax):
        yield f"| {code(command.syntax)} | {cell(about(command))} | {cell(where(command))} |"
    yield from pieces_of(command.syntax for command in shown)


def pieces_of(texts: Iterable[str]) -> Iterator[str]:
    """The types in these syntaxes that are pieces of syntax, and those within them, a row each."""
    pieces = resources.grammar().pieces
    found: dict[str, str] = {}
    todo = list(texts)
    while todo:
        for name in re.findall(r"<\w+:([^>\s]+)>", todo.pop()):
            if name in pieces and name not in found:
                found[name] = pieces[name].text
                todo.append(found[name])
    if found:
        yield from ("", "Where a type is a piece of syntax:", "", "| type | |", "|---|---|")
        for name, text in sorted(found.items()):
            yield f"| {code(name)} | {code(text)} |"


def prompts(template: str) -> str:
    """What a user sees; both prompts where the mark tells the privilege."""
    shown = dict.fromkeys(prompt_text(template, "R1", privilege, configuring=False) for privilege in (1, 15))
    return " or ".join(f"`{text}`" for text in shown)


def about(command: Command) -> str:
    words = list(command.prefix)
    told = "" if words else next(iter(command.help.texts.values()), "")
    for length in range(len(words), 0, -1):
        word, path = Word(words[length - 1]), tuple(words[: length - 1])
        found = command.help_for(word, path) or command.shared.get(
            tuple(each.lower() for each in words[:length])
        )
        if found:
            told = found
            break
    return f"{told} (kept)" if command.status == "accepted-only" else told


def release_text(release: tuple[int, ...]) -> str:
    return ".".join(map(str, release))


def where(command: Command) -> str:
    parts = [", ".join(sorted(group)) for group in (command.kinds, command.needs) if group]
    if command.since:
        parts.append(f"since {release_text(command.since)}")
    if command.until:
        parts.append(f"until {release_text(command.until)}")
    if command.mode == "exec" and command.privilege > 1:
        parts.append("enable")
    return "; ".join(parts)


def command_pages() -> Iterator[tuple[str, str]]:
    grammar = resources.grammar()
    rows = []
    for name, mode in sorted(grammar.modes.items()):
        count = sum(not command.hidden for command in mode.commands)
        rows.append(f"| [{name}]({name}.md) | {mode.title or ''} | {count} |")
        yield f"commands/{name}.md", page(f"Commands of {name}", mode_lines(mode))
    total = sum(len(mode.commands) for mode in grammar.modes.values())
    head = [f"{total} commands in {len(rows)} modes.", "", "| mode | | commands |", "|---|---|---|"]
    yield "commands/README.md", page("Commands", iter([*head, *rows, *kept_lines()]))


def kept_lines() -> Iterator[str]:
    yield from KEPT.splitlines()
    for name, mode in sorted(resources.grammar().modes.items()):
        for command in sorted(mode.commands, key=lambda command: command.syntax):
            if command.status == "accepted-only":
                yield f"| {name} | {code(command.syntax)} |"


KEPT = """
## Accepted without behaviour

Configurations of real boxes have lines about what a lab does not need. These are taken, are shown again where they
are configuration, and change nothing. Every other command does what it says.

| mode | command |
|---|---|"""


# --- lab files --------------------------------------------------------------------------------------------

ORDER = {
    "LabFile": "The file", "Node": "A node", "Cable": "A cable", "Management": "Management", "Check": "A check",
    "Stage": "A stage", "FrameRelaySwitch": "A Frame Relay network",
    "Services": "Services of a server", "Account": "A user of a server", "Challenge": "A challenge",
    "Tacacs": "TACACS+", "Radius": "RADIUS",
}  # fmt: skip


def lab_lines() -> Iterator[str]:
    yield "A lab file is YAML. Editors check it as you type with [lab.schema.json](../lab.schema.json):"
    yield "`# yaml-language-server: $schema=…/docs/lab.schema.json` as its first line."
    schema = labfile_model.schema()
    parts = {"LabFile": schema, **schema["$defs"]}
    for name, title in ORDER.items():
        yield ""
        yield f"## {title}"
        yield ""
        yield "| key | value | |"
        yield "|---|---|---|"
        required = parts[name].get("required", [])
        for key, value in parts[name]["properties"].items():
            needed = " **Needed.**" if key in required else ""
            yield f"| `{key}` | {cell(kind(value))} | {cell(value.get('description', ''))}{needed} |"
    yield from LAB_NOTES.splitlines()
    yield from module_lines()


def module_lines() -> Iterator[str]:
    """Slots by model, and what fits."""
    yield ""
    yield "| model | slots |"
    yield "|---|---|"
    for name in resources.models():
        slots = resources.model(name).slots
        row = ", ".join(f"{slot} ({', '.join(kinds)})" for slot, kinds in slots.items())
        if slots:
            yield f"| `{name}` | {row} |"
    yield ""
    yield "| module | slot | ports | |"
    yield "|---|---|---|---|"
    for name in resources.modules():
        module = resources.module(name)
        ports = ", ".join(f"{count} {kind}" for kind, count in module.ports.items())
        note = f"Refused: {module.refused}." if module.refused else ""
        yield f"| `{name}` | {module.slot} | {ports} | {cell(note)} |"


LAB_NOTES = """
## Many from one

```yaml
variables: {sites: 3}
nodes:
  "R{{ i }}":
    for: {i: "1..{{ sites }}"}
    model: c2911
    config: router.cfg.j2
  PC: {count: 2, model: pc}          # PC1, PC2
links:
  - for: {i: "1..{{ sites - 1 }}"}
    endpoints: ["R{{ i }}:Gi0/1", "R{{ i + 1 }}:Gi0/0"]
```

`{{ … }}` is [Jinja2](https://jinja.palletsprojects.com). A configuration file that ends in `.j2` is a template too;
it sees the lab's variables, the node's, those of its loop, and `name`. An unknown variable is an error.

## Checks

```yaml
checks:
  - title: {en: IKE phase 1 is up, ja: IKE フェーズ 1 が確立している}
    check: 'R-A::show crypto isakmp sa::QM_IDLE'
    points: 15
    hint: {en: Ping from PC-A first, ja: まず PC-A から ping します}
stages:
  - title: Pattern 2
    when: 'R-A::show crypto isakmp sa::MM_NO_STATE'
  - title: Pattern 1
```

`device::command::regex` must match, with `::NO` at its end it must not. `iosemu check LAB --live` and the console's
`check` say which hold, how many points that is, and the first stage that fits.

## Servers

```yaml
nodes:
  SRV:
    model: server
    startup: "ipconfig 10.0.0.100 255.255.255.0 10.0.0.1"
    services:
      users:
        alice: {password: wonder, privilege: 15}
        bob: {password: builder, privilege: 15, commands: [permit show *, deny *]}
      enable: opensesame                # what `enable` asks TACACS+ and RADIUS for
      tacacs: {key: s3cret}
      radius: {key: r4dius}
      syslog: true
      tftp: true
      folder: files                     # in the lab's folder; what is written stays in memory without writable: true
```

A server has the command line of a PC, and `services`, `accounting`, `syslog` and `radius`, which show what it runs and
what it was told.

## Modules and ports

```yaml
nodes:
  R1: {model: c2811, modules: {0/0: HWIC-2T, 0/1: HWIC-1GE-SFP, 1: NM-4E}}
  R2: {model: c2911, ports: [Ethernet0/0-3, "Serial2/0-3"]}
links:
  - endpoints: ["R1:Se0/0/0", "R2:Se2/0"]
```

A module brings ports named by its slot: `Serial0/0/0`, `GigabitEthernet0/1/0`, `Ethernet1/0`. `ports` take the place of
the model's fixed ports, for configurations that were written for other boxes; modules come on top. A serial cable has
a serial port at both ends; the line runs Cisco's HDLC.

`iosemu check --ports-from-config LAB` gives each box the ports that its configuration names, and
`iosemu check --ports-from-config router.cfg` checks a configuration that belongs to no lab.
"""


def kind(value: dict[str, Any]) -> str:
    if "anyOf" in value:
        kinds = [kind(each) for each in value["anyOf"] if each.get("type") != "null"]
        return " or ".join(dict.fromkeys(kinds))
    if "$ref" in value:
        return ORDER[value["$ref"].rpartition("/")[2]].lower()
    declared = value.get("type", "any")
    if declared == "array":
        return f"list of {kind(value.get('items', {}))}"
    return " or ".join(declared) if isinstance(declared, list) else str(declared)


# --- transcripts ------------------------------------------------------------------------------------------


def transcript_lines() -> Iterator[str]:
    yield "[Transcripts and scenarios](../transcripts.md) explains them; these are all the words there are."
    yield ""
    yield "## Directives"
    yield ""
    for each in transcript.Directive.__args__:
        yield f"* {' '.join((each.__doc__ or '').split())}"
    yield ""
    yield "## Patterns"
    yield ""
    yield "| pattern | regular expression |"
    yield "|---|---|"
    for name, regex in patterns.KINDS.items():
        yield f"| `{{{{{name}}}}}` | {code(regex)} |"
    yield "| `{{re:REGEX}}` | the one given |"
    yield ""
    yield "`{{int=id}}` binds what it found; `{{=id}}` is what was bound. `...` alone on a line is any number of lines."
    yield ""
    yield "## Keys"
    yield ""
    yield " ".join(f"`<{name}>`" for name in keys.KEYS)


def pages() -> dict[Path, str]:
    """Every page and its text."""
    folder = HERE / "reference"
    found = {folder / name: text for name, text in command_pages()}
    found[folder / "lab-files.md"] = page("Lab files", lab_lines())
    found[folder / "transcripts.md"] = page("Words of transcripts", transcript_lines())
    if find_spec("fastapi") is not None:  # an extra
        from iosemu.web.api.routes import document

        found[folder / "openapi.json"] = json.dumps(document(), indent=1) + "\n"
    found[HERE / "lab.schema.json"] = json.dumps(labfile_model.schema(), indent=2) + "\n"
    return found


def main() -> int:
    made = pages()
    there = set((HERE / "reference").rglob("*.md"))
    stale = [path for path, text in made.items() if not path.is_file() or path.read_text("utf-8") != text]
    stale += sorted(there - made.keys())
    if "--check" in sys.argv[1:]:
        for path in stale:
            print(f"{path.relative_to(HERE.parent)} is not current: run python docs/generate.py")
        return 1 if stale else 0
    for path in there - made.keys():
        path.unlink()
    for path, text in made.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
