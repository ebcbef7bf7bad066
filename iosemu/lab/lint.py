"""The check that a lab loads and that its devices understand every line of their configurations."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from iosemu.lab import labfile, resources
from iosemu.lab.answers import Answers
from iosemu.lab.configured_ports import image_for, model_for, ports_of, switch_ports_of
from iosemu.lab.errors import LabError
from iosemu.lab.inventory import IOS
from iosemu.lab.lab import Lab


@dataclass(frozen=True)
class Finding:
    """A configuration line that a device did not understand."""

    path: Path
    line: int
    text: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text.strip()}: {self.message}"


def own_answers(name_or_path: str) -> list[str]:
    """The commands that a lab answers itself, with file and line; raises LabError."""
    path = labfile.read(labfile.find(name_or_path)).answers_path
    return [] if path is None else [str(each) for each in Answers(path).commands]


def check(name_or_path: str, *, ports_from_config: bool = False) -> list[Finding]:
    """Everything in a lab's configurations that is not understood.

    With `ports_from_config` boxes also have the ports that their configurations name, and a configuration may
    stand in for a lab. Raises LabError when the lab file itself is at fault.
    """
    lab = Lab(
        _with_ports(name_or_path) if ports_from_config else labfile.read(labfile.find(name_or_path)), seed=0
    )
    lab.boot(settle=0)
    findings = []
    for name, errors in lab.errors.items():
        path = lab.topology.config_path(name)
        findings += [
            Finding(path or lab.topology.path, error.number, error.line, error.reason) for error in errors
        ]
    return findings


def _with_ports(name_or_path: str) -> labfile.Topology:
    """A lab whose boxes have the ports that their configurations name."""
    path = Path(name_or_path)
    if path.is_file() and path.suffix not in (".yaml", ".yml"):
        return _alone(path)
    topology = labfile.read(labfile.find(name_or_path))
    for name in topology.lab.nodes:
        if topology.model(name).kind in IOS:
            text = topology.config_text(name)
            topology.add_ports(name, filter(topology.model(name).fits, ports_of(text)))
            _wire(topology, name, text)
    return topology


def _alone(path: Path) -> labfile.Topology:
    """A lab of one box with this configuration."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise LabError(f"{path}: {error}") from error
    model = model_for(text)
    node: dict[str, object] = {"model": model, "config": path.name}
    image = image_for(text)
    if image:
        node["image"] = image
    ports = list(filter(resources.model(model).fits, ports_of(text)))
    if ports:
        node["ports"] = ports
    topology = labfile.from_data({"name": "configuration", "nodes": {"Box": node}}, path)
    _wire(topology, "Box", text)
    return topology


def _wire(topology: labfile.Topology, node: str, text: str) -> None:
    """Make switch ports of those that a router's configuration speaks of as such."""
    if topology.model(node).kind == "router" and not topology.model(node).switch_ports:
        topology.add_switch_ports(node, switch_ports_of(text))
