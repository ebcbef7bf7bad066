"""A subject is a package and, where it has commands, a folder of the grammar; a kind lists what it has."""

import subprocess
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest
from house_bench import Box

import iosemu.subjects
from iosemu.kinds.factory import KINDS
from iosemu.kinds.router import ROUTER
from iosemu.lab import console, resources
from iosemu.parser.results import Invalid, Match
from iosemu.parser.situation import Situation

PACKAGES = {each.parent.name for each in Path(iosemu.subjects.__path__[0]).glob("*/__init__.py")}
FOLDERS = {each.name for each in resources.directory("grammar").iterdir() if each.is_dir()}
WITHOUT_COMMANDS = {"bridging", "http", "serial", "svi", "trunking"}
"""Subjects that only serve others: their commands stand with those they belong to."""


def subjects():
    return {name: import_module(f"iosemu.subjects.{name}").SUBJECT for name in sorted(PACKAGES)}


def test_every_package_of_a_subject_declares_it():
    assert {name: subject.name for name, subject in subjects().items()} == {name: name for name in PACKAGES}


def test_every_folder_of_the_grammar_is_a_subject():
    assert FOLDERS | WITHOUT_COMMANDS == PACKAGES


def test_every_subject_is_of_some_kind():
    listed = {name for kind in (*KINDS.values(), console.KIND) for name in kind.names}
    assert listed == PACKAGES


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_a_kind_lists_a_subject_once(kind):
    names = [subject.name for subject in kind.subjects]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_has_commands_of_its_subjects_only(kind):
    """The kind's own list decides: no `kinds:` of the grammar offers what the box lacks."""
    lacking = {
        (command.subject, command.syntax)
        for mode in resources.grammar().modes.values()
        if mode.name not in {"pc", "sniffer", "console", "pipe"}
        for command in mode.commands
        if kind in (command.kinds or ()) and command.subject not in KINDS[kind].names
    }
    assert lacking == set()


def test_a_box_without_a_subject_has_none_of_its_commands():
    without = frozenset(ROUTER.names - {"nat"})
    mode = resources.grammar().modes["exec"]
    assert isinstance(mode.match("show ip nat translations", Situation(subjects=ROUTER.names)), Match)
    assert isinstance(mode.match("show ip nat translations", Situation(subjects=without)), Invalid)
    for each in resources.grammar().modes.values():
        for command in each.commands:
            if command.subject == "nat":
                assert not command.available(Situation(subjects=without)), command.syntax


def test_a_router_can_be_made_without_a_subject():
    box = Box("c2811")
    fewer = tuple(subject for subject in ROUTER.subjects if subject.name not in {"nat", "packet_capture"})
    box.device.composition = replace(ROUTER, subjects=fewer)
    box.device.boot()
    assert "ip nat" not in box.run("show running-config")
    assert "% Invalid input" in box.run("show ip nat statistics")
    assert "% Invalid input" in box.configure("ip nat pool P 10.0.0.1 10.0.0.2 netmask 255.255.255.0")
    assert "CEF" in box.run("show processes")


@pytest.mark.parametrize("name", sorted(PACKAGES))
def test_a_subject_that_is_declared_imports_no_commands(name):
    """Making a box is fast: handlers come when their commands are first typed."""
    assert HANDLERS.get(name, []) == []


def _handlers():
    code = (
        "import sys, importlib\n"
        f"for name in {sorted(PACKAGES)!r}:\n"
        "    before = set(sys.modules)\n"
        "    importlib.import_module(f'iosemu.subjects.{name}')\n"
        "    for each in sorted(set(sys.modules) - before):\n"
        "        parts = each.split('.')\n"
        "        if parts[:2] == ['iosemu', 'subjects'] and parts[3:4] in (['commands'], ['show']):\n"
        "            print(name, each)\n"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    found = {}
    for line in printed.splitlines():
        name, _, module = line.partition(" ")
        found.setdefault(name, []).append(module)
    return found


HANDLERS = _handlers()
