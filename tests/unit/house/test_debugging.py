"""Debug flags are declared by subjects and held by the box."""

import pytest
from house_bench import Box

from iosemu.box.debugging import DebugFlag
from iosemu.kinds.router import ROUTER
from iosemu.subjects.crypto.debug.flags import ISAKMP
from iosemu.subjects.nat.config import NAT_DEBUG


def test_flags_stand_under_their_groups_and_go_off_together():
    box = Box("c2811")
    assert box.run("show debugging") == ""
    assert box.run("debug ip nat") == "IP NAT debugging is on\n"
    assert box.run("debug crypto ipsec") == "Crypto IPSEC debugging is on\n"
    assert box.run("debug crypto isakmp") == "Crypto ISAKMP debugging is on\n"
    shown = """
Cryptographic Subsystem:
  Crypto ISAKMP debugging is on
  Crypto IPSEC debugging is on

Generic IP:
  IP NAT debugging is on
"""
    assert box.run("show debugging") == shown
    assert box.run("undebug crypto ipsec") == "Crypto IPSEC debugging is off\n"
    assert box.run("no debug all") == "All possible debugging has been turned off\n"
    assert box.run("show debugging") == ""


@pytest.mark.parametrize("answer", ["yes", "y"])
def test_debug_all_asks_first(answer):
    box = Box("c2811")
    assert box.run("debug all", answers=["no"]) == ""
    assert box.run("debug all", answers=[""]) == ""
    assert not box.device.debugging.on(NAT_DEBUG)
    assert box.run("debug all", answers=[answer]) == "All possible debugging has been turned on\n"
    assert all(box.device.debugging.on(flag) for flag in ROUTER.debug_flags)


def test_power_off_turns_debugging_off():
    box = Box("c2811")
    box.run("debug ip nat")
    box.device.power_off()
    assert not box.device.debugging.on(NAT_DEBUG)
    box.run("debug ip nat")
    box.device.boot()
    assert not box.device.debugging.on(NAT_DEBUG)


def test_a_switch_has_no_flags_of_a_router():
    box = Box("catalyst-2960-24tt")
    with pytest.raises(LookupError, match="Crypto ISAKMP"):
        box.device.debugging.set(ISAKMP, True)
    with pytest.raises(LookupError):
        box.device.debugging.set(DebugFlag("Toy", "Toys"), True)
    assert box.run("undebug all") == "All possible debugging has been turned off\n"
    assert box.run("show debugging") == ""
