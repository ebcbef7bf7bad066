"""The running configuration is composed of what the subjects of a box declare."""

import random
from datetime import UTC, datetime
from pathlib import Path

import pytest

from iosemu.box import running_config
from iosemu.box.running_config import INTERFACES, ListingStyle, section
from iosemu.box.subject import InterfaceSection, Kind, Order, Section, Subject
from iosemu.box.system import SystemConfig
from iosemu.kinds.factory import create_device
from iosemu.kinds.router import ROUTER, SWITCHING_ROUTER
from iosemu.kinds.switch import MULTILAYER_SWITCH, SWITCH
from iosemu.lab.resources import grammar, image, model, module
from iosemu.net.scheduler import Scheduler
from iosemu.parser.renderer import Renderer
from iosemu.shell.loader import load

DATA = Path(__file__).parents[2] / "data" / "running_config"
"""Texts of boxes as they were before a subject declared its sections; a change here is a change of the output."""
TYPED = {
    "c2811": ("router",),
    "c2811+NM-16ESW": ("router", "etherswitch"),
    "catalyst-2960-24tt": ("switch",),
    "catalyst-3560-24ps": ("switch", "l3switch"),
}
IMAGES = ("12.4", "15.1", "packet-tracer")


def box(model_name, image_name, typed=()):
    name, _, card = model_name.partition("+")
    device = create_device(
        "Box",
        model(name).equipped({"1": module(card)} if card else {}),
        image(image_name),
        Scheduler(),
        random.Random(1),
        datetime(2024, 1, 1, tzinfo=UTC),
    )
    if typed:
        device.nvram["startup-config"] = b"!"
    device.boot()
    for name in typed:
        assert load(device, grammar(), (DATA / f"{name}.cfg").read_text()) == []
        later = DATA / f"{name}.{image_name}.cfg"
        if later.exists():  # what only that release has
            assert load(device, grammar(), later.read_text()) == []
    if typed:
        device.config.of(SystemConfig).change(5.0, "admin")
        device.config.of(SystemConfig).save(6.0, "")
    return device


def text(device):
    return running_config.text_of(device, Renderer(grammar())).decode()


@pytest.mark.parametrize("image_name", IMAGES)
@pytest.mark.parametrize("model_name", TYPED)
def test_the_text_of_a_fresh_box(model_name, image_name):
    assert text(box(model_name, image_name)) == (DATA / f"{model_name}.{image_name}.fresh.txt").read_text()


@pytest.mark.parametrize("image_name", IMAGES)
@pytest.mark.parametrize("model_name", TYPED)
def test_the_text_of_a_configured_box(model_name, image_name):
    device = box(model_name, image_name, TYPED[model_name])
    assert text(device) == (DATA / f"{model_name}.{image_name}.full.txt").read_text()


@pytest.mark.parametrize("kind", [ROUTER, SWITCHING_ROUTER, SWITCH])
def test_every_section_has_one_place_and_one_owner(kind):
    names = [name for place in kind.order.places for name in place]
    assert len(names) == len(set(names))
    declared = [each.name for subject in kind.subjects for each in subject.running]
    assert len(declared) == len(set(declared))
    assert set(declared) <= set(names)
    assert INTERFACES in names
    assert INTERFACES not in declared
    under = [each.name for subject in kind.subjects for each in subject.interface]
    assert len(under) == len(set(under))
    assert set(under) <= set(kind.order.interface)
    assert len(kind.order.interface) == len(set(kind.order.interface))


@pytest.mark.parametrize("kind", [ROUTER, SWITCH], ids=lambda kind: kind.name)
@pytest.mark.parametrize("image_name", IMAGES)
def test_every_line_and_mark_of_an_image_has_a_place(kind, image_name):
    fresh = getattr(image(image_name).style(ListingStyle), kind.name)
    assert [line for line in fresh.lines if kind.order.place_of(line) is None] == []
    assert set(fresh.marks) <= kind.order.names
    assert len(fresh.marks) == len(set(fresh.marks))


def test_a_section_is_named_by_the_first_words_of_its_lines():
    said = set()
    for name, typed in TYPED.items():
        device = box(name, "15.1", typed)
        order = device.composition.order
        for name in device.composition.sections:
            lines = section(device, Renderer(grammar()), name)
            lines = [line for line in lines if line[:1] not in (" ", "!")]
            if name == "banner":  # the text of a banner begins its lines with anything
                lines = lines[:1]
            shared = {*next(place for place in order.places if name in place), name.partition(" ")[0]}
            assert [line for line in lines if order.place_of(line) not in shared] == []
            said |= {name for _ in lines}
    assert said == {*ROUTER.sections, *MULTILAYER_SWITCH.sections}, (
        "every section has its lines in the configurations here"
    )


def test_a_subject_without_a_place_is_refused():
    order = Order(places=(("hostname",),), interface=("description",))
    lines = Subject("toy", running=(Section("toy", lambda _device, _render: ()),))
    with pytest.raises(ValueError, match="subject toy: the order has no section 'toy'"):
        Kind("box", (lines,), order=order)
    under = Subject("toy", interface=(InterfaceSection("toy", lambda _device, _config: ()),))
    with pytest.raises(ValueError, match="subject toy: the order has no interface lines 'toy'"):
        Kind("box", (under,), order=order)


def test_a_line_belongs_to_the_longest_name_that_begins_it():
    order = Order(places=(("vlan",), ("vlan internal",), ("ip cef",)))
    assert order.place_of("vlan internal allocation policy ascending") == "vlan internal"
    assert order.place_of("vlan 10") == "vlan"
    assert order.place_of("no ip cef") == "ip cef"
    assert order.place_of("ip cefs") is None


def test_an_absent_section_leaves_a_mark_and_a_present_one_its_lines():
    fresh = box("c2811", "15.1")
    rows = text(fresh).splitlines()
    at = rows.index("control-plane")
    assert rows[at + 1 : at + 4] == ["!", "!", "!"], "its own, and those of mgcp profile and gatekeeper"
    load(fresh, grammar(), "no control-plane")
    assert "no control-plane" in text(fresh)


@pytest.mark.parametrize(
    ("model_name", "line"),
    [
        ("catalyst-3560-24ps", "control-plane"),
        ("catalyst-3560-24ps", "ipv6 cef"),
        ("catalyst-3560-24ps", "ip forward-protocol nd"),
        ("catalyst-2960-24tt", "arp 10.0.0.9 0011.2233.4455 ARPA"),
    ],
)
def test_a_switch_shows_what_it_accepts(model_name, line):
    switch = box(model_name, "15.1")
    assert load(switch, grammar(), line) == []
    assert line in text(switch).splitlines()
