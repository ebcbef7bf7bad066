"""What of a folder of configurations is understood: the sum, and by groups what is not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from iosemu.lab import labfile, resources
from iosemu.lab.configured_ports import image_for, model_for, ports_of, switch_ports_of
from iosemu.lab.errors import LabError
from iosemu.lab.lab import Lab

FOREIGN = frozenset({".yaml", ".yml", ".md", ".rst", ".json", ".py", ".j2", ".csv", ".html"})
"""Files with these endings are no configurations."""
MAXIMUM_SIZE = 4 * 1024 * 1024
"""Octets of a file that may still be a configuration."""
_CONFIGURATION = re.compile(r"^(?:hostname \S|interface \S|version \d|line (?:con|vty)|end$)", re.MULTILINE)
_KEYWORD = re.compile(r"[a-z][a-z0-9-]*")
_INTERFACE = re.compile(r"(?:no )?interface ([A-Za-z-]+)")
_KEYWORDS = 3
"""Words of a line that name its group, at most."""


@dataclass(frozen=True)
class Refused:
    """A line that a box did not take."""

    path: Path
    number: int
    """Of the line in its file, from 1."""
    line: str
    message: str
    head: str
    """The line that opened the block it stands in; empty at the top."""

    def __str__(self) -> str:
        return f"{self.path}:{self.number}: {self.line.strip()}: {self.message}"

    @property
    def group(self) -> tuple[str, str]:
        """What it belongs to: the keywords of the block's head, and its own."""
        interface = _INTERFACE.match(self.line)
        return keywords(self.head), f"interface {interface[1]}" if interface else keywords(self.line)


@dataclass
class Group:
    """Refused lines that begin with the same keywords in blocks of the same kind."""

    head: str
    words: str
    lines: list[Refused] = field(default_factory=list)

    @property
    def files(self) -> int:
        """In how many files they are."""
        return len({each.path for each in self.lines})


@dataclass
class Survey:
    """What was found in a folder."""

    files: list[Path] = field(default_factory=list)
    """The configurations."""
    others: list[Path] = field(default_factory=list)
    """Files that are none, or cannot be read."""
    lines: int = 0
    """Lines of the configurations that say something."""
    refused: list[Refused] = field(default_factory=list)

    @property
    def groups(self) -> list[Group]:
        """The refused lines by groups: those in most files first, then those with most lines."""
        found: dict[tuple[str, str], Group] = {}
        for each in self.refused:
            found.setdefault(each.group, Group(*each.group)).lines.append(each)
        return sorted(
            found.values(), key=lambda group: (-group.files, -len(group.lines), group.head, group.words)
        )

    def report(self) -> Iterator[str]:
        """The summary, in lines."""
        bad = {each.path for each in self.refused}
        understood = self.lines - len(self.refused)
        share = 100 * understood / self.lines if self.lines else 100.0
        yield (
            f"{len(self.files)} configurations, {len(self.files) - len(bad)} of them understood in whole; "
            f"{understood} of {self.lines} lines understood ({share:.1f} %)"
        )
        if self.others:
            yield f"{len(self.others)} other files are no configurations"
        if not self.refused:
            return
        yield ""
        yield "Files  Lines  Not understood"
        for group in self.groups:
            where = f"{group.words}   (in {group.head})" if group.head else group.words
            first = group.lines[0]
            yield f"{group.files:>5}  {len(group.lines):>5}  {where}   {first.path}:{first.number}"


def keywords(line: str) -> str:
    """The keywords that a line begins with, without `no`: up to three words before the first value."""
    words = line.split()
    if words[:1] == ["no"]:
        del words[0]
    kept = []
    for word in words[:_KEYWORDS]:
        if _KEYWORD.fullmatch(word) is None:
            break
        kept.append(word)
    return " ".join(kept or words[:1])


def survey(folder: Path, model: str | None = None) -> Survey:
    """Type every configuration below a folder into a box of its own, which has the ports that it names.

    The box is of the `model`, else of the one that the configuration is probably for.
    Raises LabError for an unknown model.
    """
    if model is not None and model not in resources.models():
        raise LabError(f"unknown model {model!r}; there are: {', '.join(resources.models())}")
    found = Survey()
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        text = _configuration(path)
        if text is None:
            found.others.append(path)
            continue
        found.files.append(path)
        found.lines += sum(1 for line in text.splitlines() if _says_something(line))
        found.refused.extend(_refused(path, text, model))
    return found


def _configuration(path: Path) -> str | None:
    """The text of a file that is a configuration."""
    if path.suffix.lower() in FOREIGN or path.name.startswith("."):
        return None
    try:
        if path.stat().st_size > MAXIMUM_SIZE:
            return None
        text = path.read_bytes().decode("utf-8", "replace")
    except OSError:
        return None
    return text if "\0" not in text and _CONFIGURATION.search(text) else None


def _says_something(line: str) -> bool:
    return line.strip() not in ("", "!", "end") and not line.lstrip().startswith("!")


def box_for(path: Path, text: str, model: str | None = None, image: str | None = None) -> Lab:
    """A lab of one box, `Box`, with this configuration; powered off."""
    node: dict[str, object] = {"model": model or model_for(text), "startup": text}
    image = image or image_for(text)
    if image:
        node["image"] = image
    topology = labfile.from_data({"name": "configuration", "nodes": {"Box": node}}, path)
    topology.add_ports("Box", filter(topology.model("Box").fits, ports_of(text)))
    if topology.model("Box").kind == "router":
        topology.add_switch_ports("Box", switch_ports_of(text))
    return Lab(topology, seed=0)


def _refused(path: Path, text: str, model: str | None) -> Iterator[Refused]:
    lab = box_for(path, text, model)
    lab.boot(settle=0)
    heads = list(_heads(text.splitlines()))
    for error in lab.errors["Box"]:
        messages = [each.strip() for each in error.messages if each.strip() not in ("", "^")]
        head = heads[error.number - 1] if error.number <= len(heads) else ""
        yield Refused(path, error.number, error.line, " ".join(messages) or "not understood", head)


def _heads(lines: Iterable[str]) -> Iterator[str]:
    """For each line the one without indentation before it, when it is indented itself."""
    head = ""
    for line in lines:
        if line[:1].isspace():
            yield head
        else:
            head = line
            yield ""
