"""Where the grammar, the models and the labs are: beside the package, or inside the wheel."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from iosemu.box.model import Image, Model
    from iosemu.box.module import Module
    from iosemu.parser.loader import Grammar

_PACKAGE = Path(__file__).resolve().parent.parent


def directory(name: str) -> Path:
    """The directory `grammar` or `devices`.

    Raises FileNotFoundError when the installation is incomplete.
    """
    for candidate in (_PACKAGE / "_data" / name, _PACKAGE.parent / name):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(f"this installation of iosemu lacks its {name} directory")


def labs() -> dict[str, Path]:
    """The labs that come along: name to lab file."""
    return {file.parent.name: file for file in sorted((directory("devices") / "labs").glob("*/lab.yaml"))}


def models() -> list[str]:
    """Names of the models that come along."""
    return sorted(file.stem for file in (directory("devices") / "models").glob("*.yaml"))


def images() -> list[str]:
    """Names of the images that come along."""
    return sorted(file.stem for file in (directory("devices") / "images").glob("*.yaml"))


@cache
def model(name: str) -> Model:
    """A model by name.

    Raises ValueError naming the models there are.
    """
    from iosemu.box.model import load_model

    path = directory("devices") / "models" / f"{name}.yaml"
    if name not in models():
        raise ValueError(f"unknown model {name!r}; there are: {', '.join(models())}")
    return load_model(path)


def modules() -> list[str]:
    """Names of the modules that come along."""
    return sorted(file.stem for file in (directory("devices") / "modules").glob("*.yaml"))


@cache
def module(name: str) -> Module:
    """A module by name.

    Raises ValueError naming the modules there are.
    """
    from iosemu.box.module import load_module

    path = directory("devices") / "modules" / f"{name}.yaml"
    if name not in modules():
        raise ValueError(f"unknown module {name!r}; there are: {', '.join(modules())}")
    return load_module(path)


@cache
def image(name: str) -> Image:
    """An image by name.

    Raises ValueError naming the images there are.
    """
    from iosemu.box.model import load_image

    path = directory("devices") / "images" / f"{name}.yaml"
    if name not in images():
        raise ValueError(f"unknown image {name!r}; there are: {', '.join(images())}")
    return load_image(path)


@cache
def grammar() -> Grammar:
    """The grammar, read once a process.

    Raises GrammarError naming file and line.
    """
    from iosemu.handling import resolve
    from iosemu.parser.loader import Grammar

    return Grammar.load([directory("grammar")], resolve.handler, resolve.edited)
