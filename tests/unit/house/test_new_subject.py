"""A whole small protocol is one package, one folder of the grammar, and two additions.

The package and the folder are in `tests/data/beacon`; nothing in iosemu knows of them.
"""

import random
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest
from house_bench import ORIGIN, Box

import iosemu.subjects
from iosemu.box.device import Device
from iosemu.box.subject import Kind
from iosemu.handling import resolve
from iosemu.handling.effects import finished
from iosemu.kinds.router import ROUTER
from iosemu.lab.resources import directory, image, model
from iosemu.net.link import Link
from iosemu.net.scheduler import Scheduler
from iosemu.parser.loader import Grammar

BEACON = Path(__file__).parents[2] / "data" / "beacon"
PORT = "FastEthernet0/0"
CONFIGURATION = f"beacon interval 5\ninterface {PORT}\nbeacon\nno shutdown"


@pytest.fixture(scope="module")
def kind() -> Iterator[Kind]:
    """A router with the protocol: one more subject in its tuple, one more place in the order."""
    iosemu.subjects.__path__.append(str(BEACON / "subjects"))
    beacon = import_module("iosemu.subjects.beacon").SUBJECT
    order = replace(
        ROUTER.order,
        places=(*ROUTER.order.places, ("beacon",)),
        interface=(*ROUTER.order.interface, "beacon"),
    )
    yield replace(ROUTER, subjects=(*ROUTER.subjects, beacon), order=order)
    iosemu.subjects.__path__.remove(str(BEACON / "subjects"))


@pytest.fixture(scope="module")
def grammar(kind: Kind) -> Grammar:
    loaded = Grammar.load([directory("grammar"), BEACON / "grammar"], resolve.handler, resolve.edited)
    for mode in ("exec", "config", "config-if"):
        loaded.modes[mode].check()
        loaded.modes[mode].check_helps()
    return loaded


class Pair:
    """Two routers with the protocol, and a cable between them."""

    def __init__(self, kind: Kind, grammar: Grammar) -> None:
        self.scheduler = Scheduler()
        devices = [
            Device(name, model("c2811"), image("15.1"), self.scheduler, random.Random(name), ORIGIN, kind)
            for name in ("A", "B")
        ]
        self.a, self.b = (Box(device=device, grammar=grammar) for device in devices)
        Link(self.scheduler, *(device.ports[PORT] for device in devices))
        for box, name in ((self.a, "R-A"), (self.b, "R-B")):
            assert "Invalid" not in box.configure(f"hostname {name}\n{CONFIGURATION}")

    def run(self, seconds: float) -> None:
        self.scheduler.run_until(self.scheduler.now + seconds)


@pytest.fixture
def pair(kind: Kind, grammar: Grammar) -> Pair:
    return Pair(kind, grammar)


def test_the_service_runs_and_its_show_tells(pair: Pair) -> None:
    pair.run(23)
    count = int(pair.a.run("show beacons").split()[1])
    assert pair.a.run("show beacons") == f"{'R-B':<20} {count}\n"
    assert 3 <= count <= 4
    assert pair.b.run("show beacons").startswith("R-A ")


def test_a_command_of_the_subject_tells_its_service(pair: Pair) -> None:
    pair.run(10.5)
    pair.b.configure("beacon interval 1")
    before = int(pair.a.run("show beacons").split()[1])
    pair.run(10.5)
    assert int(pair.a.run("show beacons").split()[1]) == before + 10
    pair.b.configure(f"interface {PORT}\nno beacon")
    pair.run(0.5)
    before = pair.a.run("show beacons")
    pair.run(10)
    assert pair.a.run("show beacons") == before


def test_its_lines_stand_in_the_running_configuration_and_type_in_again(pair: Pair) -> None:
    rows = pair.a.run("show running-config").splitlines()
    assert rows[rows.index("beacon interval 5") :] == ["beacon interval 5", "!", "end", ""]
    at = rows.index(f"interface {PORT}")
    assert " beacon" in rows[at : rows.index("!", at)]
    body = rows[rows.index("version 15.1") :]
    again, refused = finished(pair.b.executor.canonical(body))
    assert refused == []
    assert again[again.index("version 15.1") :] == body[:-1]
    pair.a.configure("no beacon interval\ndefault interface FastEthernet0/0")
    assert "beacon" not in pair.a.run("show running-config")


def test_debugging_is_listed_and_goes_off_with_all(pair: Pair) -> None:
    assert pair.a.run("debug beacon") == "Beacon packets debugging is on\n"
    assert pair.a.run("show debugging") == "\nBeacons:\n  Beacon packets debugging is on\n"
    pair.run(12)
    said = f"BEACON: from R-B on {PORT}"
    heard = sum(said in str(each) for each in pair.a.device.syslog.messages)
    assert heard >= 1
    assert "turned off" in pair.a.run("undebug all")
    pair.run(12)
    assert sum(said in str(each) for each in pair.a.device.syslog.messages) == heard


def test_its_process_has_the_last_number(pair: Pair) -> None:
    pair.run(12)
    last = pair.a.run("show processes cpu").splitlines()[-1]
    heard = int(pair.a.run("show beacons").split()[1])
    assert last.split()[-1] == "Beacons"
    assert int(last.split()[2]) == heard


def test_power_takes_its_state_away(pair: Pair) -> None:
    pair.run(12)
    pair.a.device.power_off()
    heard = pair.b.run("show beacons")
    pair.run(30)
    assert pair.b.run("show beacons") == heard
    pair.a.device.boot()
    assert pair.a.run("show beacons") == ""


def test_a_router_without_it_knows_none_of_its_commands(grammar: Grammar) -> None:
    router = Box("c2811", grammar=grammar)
    assert "Invalid input" in router.run("show beacons")
    assert "Invalid input" in router.configure("beacon interval 5")
    assert "Invalid input" in router.configure(f"interface {PORT}\nbeacon")
    assert "beacon" not in router.run("show processes cpu").lower()
