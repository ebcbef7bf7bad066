"""Lab files: which boxes there are and how they are cabled."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NoReturn

from pydantic import (
    ValidationError,
)

from iosemu.box.interface_types import Medium, type_of
from iosemu.box.model import Model
from iosemu.box.module import expand
from iosemu.lab import resources, templates
from iosemu.lab.errors import LabError
from iosemu.lab.frame_relay_switch import LOGIN, configuration
from iosemu.lab.inheritance import extended
from iosemu.lab.labfile_model import Cable, LabFile, Node
from iosemu.lab.registry import BASE_PORT
from iosemu.lab.validation_messages import explain
from iosemu.lab.yaml_document import Document, KeyPath, Marks, describe
from iosemu.server import outside


class Topology:
    """A lab file that was read and checked: models exist, ports exist, no port has two cables."""

    def __init__(
        self, path: Path, document: Document, lab: LabFile, *, outside_configs: bool = False
    ) -> None:
        self.path = path
        self.outside_configs = outside_configs
        """Its configurations may be anywhere, not only in the folder of the file that names them."""
        self.document = document
        self.lab = lab
        self.ports = self._assign_ports()
        self.telnet_ports = self._line_ports("telnet")
        """TCP ports for Telnet, of the devices that the lab file wants it for."""
        self.console_ports = self._line_ports("console")
        """TCP ports of consoles, likewise."""
        self.snmp_ports = self._line_ports("snmp")
        """UDP ports of SNMP agents, likewise."""
        self.cables: list[tuple[tuple[str, str], tuple[str, str], Cable]] = []
        self.outside: list[tuple[tuple[str, str], outside.End, Cable]] = []
        """Cables that lead out of the lab: the port, and what is at the other end."""
        self._models: dict[str, Model] = {}
        self._check_nodes()
        self._check_links()
        self._check_checks()

    def model(self, node: str) -> Model:
        """The model of a node, with its modules."""
        return self._models[node]

    def add_ports(self, node: str, ports: Iterable[str]) -> None:
        """Give a node these ports, too, where it has none of the name.

        Raises LabError for ports that a box of its kind cannot have.
        """
        model = self._models[node]
        try:
            self._models[node] = model.with_ports(
                (*model.ports, *(each for each in ports if each not in model.ports))
            )
        except ValueError as error:
            self._fail(("nodes", node), str(error))

    def add_switch_ports(self, node: str, ports: Sequence[str]) -> None:
        """Wire ports of a router to switching hardware, as those of an EtherSwitch module are."""
        self._models[node] = self._models[node].wired(ports, resources.module("NM-16ESW"))

    def image(self, node: str) -> str:
        """The image that a node runs."""
        entry = self.lab.nodes[node]
        return entry.image or resources.model(entry.model).image

    def config_path(self, node: str) -> Path | None:
        """Where a node's startup configuration is, if it has one."""
        config = self.lab.nodes[node].config
        if config is None:
            return None
        folder = self.document.place(("nodes", node, "config"))[0].parent
        path = folder / config
        if "\0" in config:
            self._fail(("nodes", node, "config"), "a file name has no NUL character")
        if not self.outside_configs and not path.resolve().is_relative_to(folder.resolve()):
            self._fail(
                ("nodes", node, "config"),
                f"{config} is not in the lab's folder {folder}; --allow-outside-configs lets a lab read it",
            )
        return path

    def services_path(self, node: str) -> Path | None:
        """The folder of a server's files, if it has one.

        Raises LabError when it is outside the lab's folder.
        """
        services = self.lab.nodes[node].services
        if services is None or services.folder is None:
            return None
        at: KeyPath = ("nodes", node, "services", "folder")
        folder = self.document.place(at)[0].parent
        path = folder / services.folder.replace("\0", "")
        if not self.outside_configs and not path.resolve().is_relative_to(folder.resolve()):
            self._fail(
                at,
                f"{services.folder} is not in the lab's folder {folder}; --allow-outside-configs lets a lab read it",
            )
        return path

    @property
    def answers_path(self) -> Path | None:
        """The folder with the lab's own answers, if it has one.

        Raises LabError when it is outside the lab's folder.
        """
        if self.lab.answers is None:
            return None
        folder = self.document.place(("answers",))[0].parent
        path = folder / self.lab.answers.replace("\0", "")
        if not self.outside_configs and not path.resolve().is_relative_to(folder.resolve()):
            self._fail(
                ("answers",),
                f"{self.lab.answers} is not in the lab's folder {folder}; --allow-outside-configs lets a lab read it",
            )
        return path

    def config_text(self, node: str) -> str:
        """A node's startup configuration, empty when it has none; behind that which its circuits need.

        Raises LabError when the file cannot be read.
        """
        return self._circuits_text(node) + self._own_text(node)

    def _circuits_text(self, node: str) -> str:
        """What makes a node a Frame Relay network, where it is one."""
        switch = self.lab.nodes[node].frame_relay
        if switch is None:
            return ""
        ports = self._models[node].ports
        try:
            lines = list(configuration(node, switch, lambda text: find_port(text, ports)))
        except ValueError as error:
            self._fail(("nodes", node, "frame_relay"), str(error))
        entry = self.lab.nodes[node]
        if entry.config is None and entry.startup is None:
            lines += LOGIN
        return "\n".join([*lines, "exit", ""])

    def _own_text(self, node: str) -> str:
        entry = self.lab.nodes[node]
        variables = {**self.lab.variables, **entry.variables, "name": node}
        if entry.startup is not None:
            if not entry.variables and not self.lab.variables:
                return entry.startup
            place = self.document.place(("nodes", node, "startup"))
            return templates.render(entry.startup, variables, f"{place[0]}:{place[1]}: startup")
        path = self.config_path(node)
        if path is None:
            return ""
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            self._fail(("nodes", node, "config"), f"cannot read {path}: {error.strerror or error}")
        except UnicodeDecodeError as error:
            self._fail(("nodes", node, "config"), f"{path} is not UTF-8 text (byte {error.start})")
        return templates.render(text, variables, str(path)) if path.suffix == templates.SUFFIX else text

    def _fail(self, at: KeyPath, text: str) -> NoReturn:
        raise LabError(describe(self.document.place(at), at, text))

    def _assign_ports(self) -> dict[str, int]:
        taken = {node.port: name for name, node in reversed(self.lab.nodes.items()) if node.port}
        ports: dict[str, int] = {}
        following = BASE_PORT + 1
        for name, node in self.lab.nodes.items():
            if node.port is not None:
                if taken[node.port] != name:
                    self._fail(("nodes", name, "port"), f"{node.port} is already {taken[node.port]}'s")
                ports[name] = node.port
                continue
            while following in taken:
                following += 1
            taken[following] = name
            ports[name] = following
        return ports

    def _line_ports(self, kind: str) -> dict[str, int]:
        """Node to port: a node's own, or the next one from where `management` begins."""
        first: int | None = getattr(self.lab.management, kind)
        own: dict[str, int | None] = {name: getattr(node, kind) for name, node in self.lab.nodes.items()}
        taken = {port for port in own.values() if port}
        ports: dict[str, int] = {}
        following = first or 0
        for name, port in own.items():
            if port is not None:
                if port in ports.values():
                    self._fail(("nodes", name, kind), f"{port} is already another's")
                ports[name] = port
            elif first is not None and self._has_lines(name):
                while following in taken:
                    following += 1
                ports[name] = following
                following += 1
        return ports

    def _has_lines(self, name: str) -> bool:
        """A box with terminal lines (a model that there is not is told later)."""
        model = self.lab.nodes[name].model
        return model in resources.models() and resources.model(model).kind in ("router", "switch", "l3switch")

    def _check_nodes(self) -> None:
        for name, node in self.lab.nodes.items():
            try:
                resources.model(node.model)
            except ValueError as error:
                self._fail(("nodes", name, "model"), str(error))
            self._models[name] = self._equipped(name, node)
            try:
                resources.image(self.image(name))
            except ValueError as error:
                self._fail(("nodes", name, "image"), str(error))
            if node.services is not None and self._models[name].kind != "server":
                self._fail(("nodes", name, "services"), f"a {node.model} runs no services; a server does")
            if node.frame_relay is not None:
                if self._models[name].kind != "router":
                    self._fail(
                        ("nodes", name, "frame_relay"), f"a {node.model} passes on no circuits; a router does"
                    )
                self._circuits_text(name)
            folder = self.services_path(name)
            if folder is not None and not folder.is_dir():
                self._fail(("nodes", name, "services", "folder"), f"there is no folder {folder}")
            path = self.config_path(name)
            if path is not None and not path.is_file():
                self._fail(("nodes", name, "config"), f"there is no file {path}")

    def _equipped(self, name: str, node: Node) -> Model:
        """The node's model with its ports and modules."""
        model = resources.model(node.model)
        if node.ports is not None:
            try:
                model = model.equipped({}, expand(node.ports))
            except ValueError as error:
                self._fail(("nodes", name, "ports"), str(error))
        modules = {}
        for slot, module in node.modules.items():
            try:
                modules[slot] = resources.module(module)
                model.equipped(modules)
            except ValueError as error:
                self._fail(("nodes", name, "modules", slot), str(error))
        return model.equipped(modules) if modules else model

    def _check_checks(self) -> None:
        rules = [("checks", rule) for rule in self.lab.checks] + [
            ("stages", rule) for rule in self.lab.stages
        ]
        for place, (kind, rule) in enumerate(rules):
            index = place - (len(self.lab.checks) if kind == "stages" else 0)
            for condition in rule.conditions:
                if condition.device not in self.lab.nodes:
                    known = ", ".join(self.lab.nodes)
                    self._fail((kind, index), f"there is no node {condition.device!r}; there are: {known}")

    def _check_links(self) -> None:
        cabled: set[tuple[str, str]] = set()
        outer: dict[object, outside.End] = {}
        for index, cable in enumerate(self.lab.links):
            ends: list[tuple[str, str]] = []
            far: outside.End | None = None
            for side, endpoint in enumerate(cable.endpoints):
                at: KeyPath = ("links", index, "endpoints", side)
                if outside.is_outside(endpoint):
                    far = self._outside(endpoint, at, outer)
                    continue
                try:
                    end = self.endpoint(endpoint)
                except LabError as error:
                    self._fail(at, str(error))
                if end in cabled:
                    self._fail(at, f"{end[0]}:{end[1]} already has a cable")
                cabled.add(end)
                ends.append(end)
            if far is None:
                self._check_media(("links", index, "endpoints"), ends, cable)
                self.cables.append((ends[0], ends[1], cable))
            elif ends:
                self.outside.append((ends[0], far, cable))
            else:
                self._fail(("links", index, "endpoints"), "one end must be a port of the lab")

    def clocking(self, cable: Cable, ends: Sequence[tuple[str, str]]) -> tuple[str, str]:
        """The end of a serial cable that gives the clock: as the cable says, else the network's, else the first."""
        if cable.dce is not None:
            return ends[cable.endpoints.index(cable.dce)]
        network = [end for end in ends if self.lab.nodes[end[0]].frame_relay is not None]
        return network[0] if network else ends[0]

    def _check_media(self, at: KeyPath, ends: list[tuple[str, str]], cable: Cable) -> None:
        """A serial cable has a serial port at both ends."""
        media = [type_of(port).medium for _name, port in ends]
        if media[0] is not media[1]:
            self._fail(at, " and ".join(f"{name}:{port}" for name, port in ends) + " need different cables")
        if cable.dce is not None and media[0] is not Medium.SERIAL:
            self._fail(at, "only a serial cable has an end that gives the clock (`dce`)")

    def _outside(self, text: str, at: KeyPath, others: dict[object, outside.End]) -> outside.End:
        """The end that `text` names; `others` are those before it, by what no two may have in common."""
        try:
            end = outside.parse(text)
        except ValueError as error:
            self._fail(at, str(error))
        own = end if isinstance(end, outside.TapEnd) else (end.listen_host, end.listen_port)
        if own in others:
            self._fail(at, f"{others[own]} already has a cable")
        others[own] = end
        return end

    def endpoint(self, text: str) -> tuple[str, str]:
        """Node and canonical port of a text such as `R-A:Fa0/0`.

        Raises LabError when there is no such node or port.
        """
        name, colon, port = text.partition(":")
        if not colon:
            raise LabError(f"{text!r} is not NODE:PORT, such as R-A:Fa0/0")
        if name not in self.lab.nodes:
            raise LabError(f"there is no node {name!r}; there are: {', '.join(self.lab.nodes)}")
        model = self.model(name)
        found = find_port(port, model.ports)
        if found is None:
            raise LabError(f"{name} ({model.name}) has no port {port!r}; it has: {_shorten(model.ports)}")
        return name, found


@lru_cache(maxsize=4096)
def find_port(text: str, ports: tuple[str, ...]) -> str | None:
    """The one port that `text` (`fa0/0`, `f 0/0`, `FastEthernet0/0`) abbreviates, or None."""
    wanted = re.fullmatch(r"([A-Za-z-]*)\s*([\d/.:]*)", text.strip())
    if wanted is None:
        return None
    found = []
    for port in ports:
        parts = re.fullmatch(r"([A-Za-z-]*)([\d/.:]*)", port)
        if (
            parts is not None
            and parts[2] == wanted[2]
            and wanted[1]
            and parts[1].lower().startswith(wanted[1].lower())
        ):
            found.append(port)
    return found[0] if len(found) == 1 else None


def _shorten(ports: tuple[str, ...]) -> str:
    return ", ".join(ports) if len(ports) <= 6 else f"{', '.join(ports[:3])} … {ports[-1]}"


def read(
    path: Path, variables: Mapping[str, Any] | None = None, *, outside_configs: bool = False
) -> Topology:
    """Read and check a lab file; `variables` take the place of those that it sets.

    Without `outside_configs` its startup configurations are in its folder: a lab from somebody else reads
    no other file of this computer.

    Raises LabError; its text has one line per fault, each with file, line and path.
    """
    return _checked(path, templates.expand(extended(path), variables), outside_configs)


def from_data(data: dict[str, Any], path: Path) -> Topology:
    """Check a lab given as values; `path` stands for the file in messages. Raises LabError."""
    return _checked(path, templates.expand(Document(data, Marks((path, 1)))), True)


def _checked(path: Path, document: Document, outside_configs: bool) -> Topology:
    try:
        lab = LabFile.model_validate(document.data)
    except ValidationError as error:
        lines = []
        for fault in error.errors():
            at = tuple(part for part in fault["loc"] if part != "[key]")
            lines.append(describe(document.place(at), at, explain(fault, LabFile)))
        raise LabError("\n".join(lines)) from error
    return Topology(path, document, lab, outside_configs=outside_configs)


def find(name_or_path: str) -> Path:
    """The lab file meant: a path, a directory with a `lab.yaml`, or the name of a lab that comes along.

    Raises LabError naming the labs there are.
    """
    path = Path(name_or_path)
    if path.is_dir() and (path / "lab.yaml").is_file():
        return path / "lab.yaml"
    known = resources.labs()
    if name_or_path in known:
        return known[name_or_path]
    if path.is_file():
        return path
    raise LabError(
        f"there is no lab and no file {name_or_path!r}; labs that come along: {', '.join(known) or 'none'}"
    )
