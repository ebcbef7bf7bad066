"""What other people's tools make of iosemu: measures it, and writes docs/fidelity.md from the measure.

    python docs/fidelity.py            measure what is installed here (some minutes), write docs/fidelity.{yaml,md}
    python docs/fidelity.py --quick    only what needs no SSH: ntc-templates, genie and the grammar
    python docs/fidelity.py --check    seconds: what was read is still read, and the page says what was measured

A tool that is not installed here keeps the figures of the last measure. `--check` fails for what got worse, and for a
page that does not come from docs/fidelity.yaml; what got better asks for a new measure.
"""

from __future__ import annotations

import contextlib
import inspect
import io
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml

from iosemu.lab import resources
from iosemu.lab.lab import Lab

HERE = Path(__file__).resolve().parent
RECORD = HERE / "fidelity.yaml"
PAGE = HERE / "fidelity.md"
DATA = HERE.parent / "tests" / "data"
CORPUS = DATA / "configurations"
READ, EMPTY, UNREAD, REFUSED = "read", "nothing to read", "not read", "no such command"
VERDICTS = (READ, EMPTY, UNREAD, REFUSED)
"""Of the best of all boxes: data was found; the box has nothing to tell; the parser failed; `% Invalid input`."""

ADDRESS = "192.168.10.1"
PEER = "203.0.113.2"
COMMANDS = {
    "show ip bgp neighbors advertised-routes": f"show ip bgp neighbors {PEER} advertised-routes",
    "show port-security interface interface": "show port-security interface FastEthernet0/1",
    "show running-config interface": "show running-config interface Loopback0",
    "show mac-address-table": "show mac address-table",
    "ping": f"ping {ADDRESS}",
    "traceroute": f"traceroute {ADDRESS}",
    "show interfaces switchport": "show interfaces switchport",
}
"""What is typed where a template's name is not the command."""
WAITS = ("ping", "traceroute")
"""Commands that want lab time."""


# --- the boxes --------------------------------------------------------------------------------------------


class Boxes:
    """Booted boxes of each kind: of a lab with something of everything, of those that come along, of the corpus."""

    def __init__(self) -> None:
        self._labs: list[Lab] = [
            Lab.load(DATA / "fidelity" / "lab.yaml", seed=1),
            Lab.load("office", seed=1),
            Lab.load("ipsec-vpn", seed=1),
            self._multilayer(),
        ]
        for lab in self._labs:
            lab.boot(settle=70)
        self._talk()
        self.places = [
            (lab, name)
            for lab in self._labs
            for name, device in lab.devices.items()
            if device.model.kind in ("router", "switch", "l3switch")
        ]

    @staticmethod
    def _multilayer() -> Lab:
        from iosemu.lab.survey import box_for

        path = CORPUS / "catalyst-3560-24ps" / "inter-vlan.cfg"
        return box_for(path, path.read_text(), "catalyst-3560-24ps")

    def _talk(self) -> None:
        """Tables that only traffic fills."""
        for lab, name, line in (
            (self._labs[0], "PC1", "ping 192.168.2.10"),
            (self._labs[0], "SW2", "ping 203.0.113.2"),
            (self._labs[1], "R1", "ping 192.168.10.10"),
            (self._labs[2], "PC-A", "ping 192.168.2.1"),
        ):
            answer(lab, name, line)

    def answers(self, command: str) -> Iterator[str]:
        """What each box prints, but those that refuse the command."""
        for lab, name in self.places:
            port = next(iter(lab.devices[name].model.ports))
            self._last = (lab, name)
            printed = answer(lab, name, command.format(port=port))
            if not re.search(
                r"^\s*% ?(?:Invalid input|Incomplete|Ambiguous|Unrecognized)", printed, re.MULTILINE
            ):
                yield printed

    def ask(self, command: str) -> str:
        """What the box of the last answer says to another command: some parsers want to know more."""
        return answer(*self._last, command)


def answer(lab: Lab, name: str, command: str) -> str:
    """What a box prints for a command."""
    session = lab.session(name, hidden=True)
    assert session is not None
    session.run(command)
    lab.run_until(lambda: _ended(session), 120.0)
    session.tick()
    printed = session.output().decode("utf-8", "replace").replace("\r", "")
    session.disconnect()
    return printed


def _ended(session: Any) -> bool:
    if not session.closed:
        session.tick()
    return bool(session.closed)


# --- ntc-templates and genie ------------------------------------------------------------------------------


Ask = Callable[[str], str]
"""Asks the box that gave an answer another thing."""


def ntc_commands() -> list[str]:
    """The commands for which ntc-templates has templates of IOS."""
    import ntc_templates

    folder = Path(ntc_templates.__file__).parent / "templates"
    index = (folder / "index").read_text(encoding="utf-8")
    names = re.findall(r"^cisco_ios_(\w[\w-]*)\.textfsm", index, re.MULTILINE)
    return sorted({name.replace("_", " ") for name in names})


def by_ntc(command: str, printed: str, _ask: Ask) -> bool:
    """Whether a template finds something; raises whatever it raises."""
    from ntc_templates.parse import parse_output

    return bool(parse_output("cisco_ios", command, printed))


def genie_commands() -> list[str]:
    """The commands for which genie has parsers of IOS, without arguments."""
    import genie.libs.parser

    folder = Path(genie.libs.parser.__file__).parent
    parsers = json.loads((folder / "parsers.json").read_text(encoding="utf-8"))
    return sorted(
        command
        for command, those in parsers.items()
        if isinstance(those, dict) and "ios" in those.get("folders", {}) and "{" not in command
    )


def by_genie(command: str, printed: str, ask: Ask) -> bool:
    """Whether a parser finds something; raises whatever it raises."""
    from genie.conf.base import Device

    box = Device("box", os="ios")
    box.custom = {"abstraction": {"order": ["os"]}}
    object.__setattr__(box, "execute", lambda command, *_args, **_options: ask(command))
    with contextlib.redirect_stdout(io.StringIO()):
        return bool(box.parse(command, output=printed))


def verdict(boxes: Boxes, command: str, typed: str, parse: Any) -> str:
    """The best that a parser makes of any box's answer."""
    found = REFUSED
    for printed in boxes.answers(typed):
        if not printed.strip():
            found = min(found, EMPTY, key=VERDICTS.index)
            continue
        try:
            reads = parse(command, printed, boxes.ask)
        except Exception:  # noqa: BLE001 - a template or parser fails as it likes
            told = len(printed.strip().splitlines()) <= 1
            found = min(found, EMPTY if told else UNREAD, key=VERDICTS.index)
            continue
        found = min(found, READ if reads else EMPTY, key=VERDICTS.index)
        if found == READ:
            break
    return found


def measure_parsers(commands: Iterable[str], parse: Any) -> dict[str, str]:
    """A verdict for each command."""
    boxes = Boxes()
    return {command: verdict(boxes, command, COMMANDS.get(command, command), parse) for command in commands}


# --- NAPALM and Ansible -----------------------------------------------------------------------------------


def measure_napalm() -> dict[str, str]:
    """Each getter of the driver on a router and a switch: it passes when it raises on neither."""
    import napalm
    from napalm.base.base import NetworkDriver

    from iosemu import SyncLab

    arguments: dict[str, dict[str, Any]] = {"get_route_to": {"destination": "192.168.10.0/24"}}
    driver = napalm.get_network_driver("ios")
    names = [
        name
        for name, function in inspect.getmembers(driver, inspect.isfunction)
        if (name.startswith("get_") or name in ("ping", "traceroute", "is_alive"))
        and function is not getattr(NetworkDriver, name, None)
        and not name.startswith("get_bgp_config_")
    ]
    arguments |= {"ping": {"destination": ADDRESS}, "traceroute": {"destination": ADDRESS}}
    found: dict[str, str] = {}
    with SyncLab("office") as lab:
        lab.advance("70s")
        for device in ("R1", "SW1"):
            options = {"port": lab.ssh_params(device)["port"], "secret": "cisco"}
            with driver("127.0.0.1", "admin", "admin", optional_args=options) as box:
                for name in names:
                    try:
                        getattr(box, name)(**arguments.get(name, {}))
                    except NotImplementedError:
                        continue
                    except Exception as error:  # noqa: BLE001
                        found[name] = f"fails on {device}: {type(error).__name__}"
                    else:
                        found.setdefault(name, "passes")
    return found


ANSIBLE_ARGUMENTS: dict[str, dict[str, Any]] = {
    "ios_banner": {"banner": "login", "text": "measured", "state": "present"},
    "ios_command": {"commands": ["show version"]},
    "ios_config": {"lines": ["description measured"], "parents": "interface {{ port }}"},
    "ios_facts": {"gather_subset": "all"},
    "ios_ping": {"dest": "192.168.10.10", "count": 2},
    "ios_system": {"domain_name": "measured.example"},
    "ios_user": {"name": "measured", "configured_password": "measured", "privilege": 1},
    "ios_vrf": {"name": "measured"},
}
"""Arguments of the modules that do not gather what there is."""


def measure_ansible() -> dict[str, str]:
    """Each module on a router or a switch: those of resources gather, the others do what they are for."""
    from iosemu import SyncLab

    spec = find_spec("ansible_collections.cisco.ios")
    assert spec is not None
    assert spec.submodule_search_locations
    folder = Path(next(iter(spec.submodule_search_locations))) / "plugins" / "modules"
    names = sorted(path.stem for path in folder.glob("ios_*.py"))
    play = [{"hosts": "all", "gather_facts": False, "tasks": [
        {"name": name, f"cisco.ios.{name}": ANSIBLE_ARGUMENTS.get(name, {"state": "gathered"}), "ignore_errors": True}
        for name in names
    ]}]  # fmt: skip
    variables = {
        "ansible_connection": "ansible.netcommon.network_cli", "ansible_network_os": "cisco.ios.ios",
        "ansible_network_cli_ssh_type": "libssh", "ansible_host": "127.0.0.1", "ansible_user": "admin",
        "ansible_password": "admin", "ansible_become": True, "ansible_become_method": "enable",
        "ansible_become_password": "cisco", "ansible_python_interpreter": sys.executable,
    }  # fmt: skip
    found: dict[str, str] = {}
    with SyncLab("office") as lab, tempfile.TemporaryDirectory() as place:
        hosts = {
            name: {"ansible_port": lab.ssh_params(name)["port"], "port": port}
            for name, port in (("R1", "GigabitEthernet0/2"), ("SW1", "FastEthernet0/5"))
        }
        (Path(place) / "hosts.yml").write_text(yaml.safe_dump({"all": {"hosts": hosts, "vars": variables}}))
        (Path(place) / "play.yml").write_text(yaml.safe_dump(play))
        program = Path(sys.executable).parent / "ansible-playbook"
        finished = subprocess.run(  # noqa: S603 - what is measured
            [str(program), "-i", "hosts.yml", "play.yml"], cwd=place, capture_output=True, text=True, check=False,
            env={**os.environ, "HOME": place, "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json",
                 "ANSIBLE_HOST_KEY_CHECKING": "False", "ANSIBLE_DEPRECATION_WARNINGS": "False"},
        )  # fmt: skip
    report = json.loads(finished.stdout[finished.stdout.index("{") :])
    for task in report["plays"][0]["tasks"]:
        bad = [host for host, result in task["hosts"].items() if result.get("failed")]
        found[task["task"]["name"]] = f"fails on {', '.join(sorted(bad))}" if bad else "passes"
    return found


# --- the grammar ------------------------------------------------------------------------------------------


def measure_grammar() -> dict[str, list[str]]:
    """The commands that are accepted without behaviour, by mode."""
    found: dict[str, list[str]] = {}
    for name, mode in resources.grammar().modes.items():
        accepted = sorted(each.syntax for each in mode.commands if each.status == "accepted-only")
        if accepted:
            found[name] = accepted
    return dict(sorted(found.items()))


# --- the record and the page ------------------------------------------------------------------------------

TOOLS = {
    "ntc-templates": ("ntc_templates", "ntc-templates"),
    "genie": ("genie.libs.parser", "genie.libs.parser"),
    "NAPALM": ("napalm", "napalm"),
    "Ansible cisco.ios": ("ansible_collections.cisco.ios", "ansible"),
}
"""Module and distribution of each."""
SLOW = ("NAPALM", "Ansible cisco.ios")


def installed(tool: str) -> bool:
    """Whether a tool is here."""
    try:
        return find_spec(TOOLS[tool][0]) is not None
    except ModuleNotFoundError:
        return False


def measured(tool: str) -> dict[str, str]:
    """The verdicts of one tool."""
    match tool:
        case "ntc-templates":
            return measure_parsers(ntc_commands(), by_ntc)
        case "genie":
            return measure_parsers(genie_commands(), by_genie)
        case "NAPALM":
            return measure_napalm()
        case _:
            return measure_ansible()


def page(record: dict[str, Any]) -> str:
    """docs/fidelity.md."""
    return "\n".join(_lines(record)).rstrip() + "\n"


def _lines(record: dict[str, Any]) -> Iterator[str]:
    yield "# Fidelity"
    yield ""
    yield "<!-- made by docs/fidelity.py from docs/fidelity.yaml: measure again, do not edit -->"
    yield ""
    yield "What other people's tools make of iosemu's boxes (a 2811, a 2911, a 2950 or 2960 and a 3560), measured by"
    yield "`python docs/fidelity.py` against running labs. CI sees that nothing gets worse. Of parsers: *read* is data"
    yield "found in the answer; *nothing to read* an answer of a box that has nothing of the kind. Ansible's modules of"
    yield "resources gather, the others act; NAPALM's getters run on a router and a switch."
    yield ""
    yield "| tool | version | passes | of |"
    yield "|---|---|---|---|"
    for tool, entry in record["tools"].items():
        good = sum(each in (READ, EMPTY, "passes") for each in entry["results"].values())
        yield f"| [{tool}](#{_anchor(tool)}) | {entry['version']} | {good} | {len(entry['results'])} |"
    accepted = sum(map(len, record["accepted"].values()))
    yield f"| [commands accepted without behaviour](#accepted-without-behaviour) | | {accepted} | |"
    for tool, entry in record["tools"].items():
        yield ""
        yield f"## {tool}"
        groups: dict[str, list[str]] = {}
        for name, result in entry["results"].items():
            groups.setdefault(result, []).append(name)
        for result in sorted(groups, key=_rank):
            names = " · ".join(f"`{name}`" for name in groups[result])
            yield ""
            yield f"**{result[0].upper()}{result[1:]}** ({len(groups[result])}): {names}"
    yield ""
    yield "## Accepted without behaviour"
    yield ""
    yield "These lines are taken, kept and shown in the running configuration, and do nothing."
    for mode, syntaxes in record["accepted"].items():
        yield ""
        yield f"**{mode}**: " + " · ".join(f"`{syntax}`" for syntax in syntaxes)


def _rank(result: str) -> tuple[int, str]:
    """Where a verdict stands on the page."""
    known = (*VERDICTS, "passes")
    return (known.index(result) if result in known else len(known), result)


def _anchor(title: str) -> str:
    return title.lower().replace(".", "").replace(" ", "-")


def read_record() -> dict[str, Any]:
    """What was measured last."""
    if not RECORD.is_file():
        return {"tools": {}, "accepted": {}}
    record: dict[str, Any] = yaml.safe_load(RECORD.read_text(encoding="utf-8"))
    return record


def worse(record: dict[str, Any]) -> Iterator[str]:
    """What a parser of the recorded version read and does not read any more, in process."""
    for tool, parse in (("ntc-templates", by_ntc), ("genie", by_genie)):
        entry = record["tools"].get(tool)
        if entry is None or not installed(tool) or version(TOOLS[tool][1]) != entry["version"]:
            continue
        kept = [command for command, result in entry["results"].items() if result == READ]
        for command, result in measure_parsers(kept, parse).items():
            if result != READ:
                yield f"{command}: it was read by {tool}, now: {result}"


def check() -> int:
    """0 when nothing got worse and the page is that of the record."""
    record = read_record()
    faults = list(worse(record))
    if not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != page(record):
        faults.append(
            "docs/fidelity.md is not what docs/fidelity.yaml says: run python docs/fidelity.py --quick"
        )
    for fault in faults:
        print(fault)
    return 1 if faults else 0


def main(arguments: list[str]) -> int:
    if "--check" in arguments:
        return check()
    record = read_record()
    only = [tool for tool in TOOLS if tool in arguments] or list(TOOLS)
    for tool in only:
        if not installed(tool) or ("--quick" in arguments and tool in SLOW):
            continue
        print(f"{tool} …", file=sys.stderr)
        record["tools"][tool] = {"version": version(TOOLS[tool][1]), "results": measured(tool)}
    record["tools"] = {tool: record["tools"][tool] for tool in TOOLS if tool in record["tools"]}
    record["accepted"] = measure_grammar()
    RECORD.write_text(
        yaml.safe_dump(record, sort_keys=False, allow_unicode=True, width=120), encoding="utf-8"
    )
    PAGE.write_text(page(record), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
