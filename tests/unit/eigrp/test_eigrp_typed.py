"""What is typed of EIGRP, what is refused, and what stands in the configuration then."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest

from iosemu.box.device import Device
from iosemu.kinds.factory import create_device
from iosemu.lab.resources import grammar, image, model
from iosemu.net.scheduler import Scheduler
from iosemu.shell.loader import load
from iosemu.subjects.eigrp.config import EigrpConfig
from iosemu.subjects.eigrp.running import router_lines

NAMED = """\
router eigrp LAB
 address-family ipv4 unicast autonomous-system 7
  af-interface default
   hello-interval 2
   hold-time 6
   passive-interface
  exit-af-interface
  af-interface FastEthernet0/0
   authentication mode hmac-sha-256 0 sesame
   no passive-interface
   summary-address 172.16.0.0 255.255.0.0 10
  exit-af-interface
  topology base
   variance 3
   redistribute connected
  exit-af-topology
  network 10.0.0.0 255.0.0.0
  eigrp router-id 7.7.7.7
  eigrp stub
 exit-address-family
"""


def box(release: str = "15.1") -> Device:
    device = create_device(
        "R", model("c2811"), image(release), Scheduler(), random.Random(1), datetime(2024, 1, 1, tzinfo=UTC)
    )
    device.boot()
    return device


def lines(device: Device) -> list[str]:
    return list(router_lines(device, lambda *_args, **_facts: []))  # type: ignore[arg-type]


def test_named_mode_reads_what_it_writes() -> None:
    device = box()
    assert load(device, grammar(), NAMED) == []
    written = lines(device)
    assert "  network 10.0.0.0 0.255.255.255" in written
    assert "  eigrp stub connected summary" in written
    assert "   authentication mode hmac-sha-256 0 sesame" in written
    again = box()
    assert load(again, grammar(), "\n".join(written)) == []
    assert lines(again) == written


def test_named_mode_is_not_on_old_images() -> None:
    device = box("12.4")
    assert load(device, grammar(), "router eigrp LAB")
    assert not device.config.of(EigrpConfig).named


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("network 224.0.0.0", "Invalid network number"),
        ("eigrp router-id 0.0.0.0", "%EIGRP: Invalid router-id"),
        ("redistribute eigrp 5", "%EIGRP: Cannot redistribute AS 5 into itself"),
        ("neighbor 10.1.1.1 FastEthernet0/0", "Invalid address for neighbor: not on a common subnet"),
        ("variance 0", "% Invalid input detected at '^' marker."),
        ("default-metric 1 2 3", "% Incomplete command."),
    ],
)
def test_bad_input_changes_nothing(line: str, answer: str) -> None:
    device = box()
    assert load(device, grammar(), "router eigrp 5\n network 10.0.0.0\n") == []
    before = lines(device)
    errors = load(device, grammar(), f"router eigrp 5\n {line}\n")
    assert len(errors) == 1
    assert any(answer in text for text in errors[0].messages)
    assert lines(device) == before


def test_typing_a_redistribution_again_keeps_its_words() -> None:
    device = box()
    typed = (
        "router eigrp 5\n redistribute static metric 1000 1 255 1 1500\n redistribute static route-map M\n"
    )
    assert load(device, grammar(), typed) == []
    assert " redistribute static metric 1000 1 255 1 1500 route-map M" in lines(device)
    assert load(device, grammar(), "router eigrp 5\n no redistribute static\n") == []
    assert not any("redistribute" in each for each in lines(device))


def test_no_router_eigrp_takes_everything_back() -> None:
    device = box()
    load(device, grammar(), "router eigrp 5\n network 10.0.0.0\nno router eigrp 5\n")
    assert lines(device) == []
