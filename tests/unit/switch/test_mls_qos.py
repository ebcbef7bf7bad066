"""Marks of frames: what a switch makes of CoS, DSCP and precedence, on trunks, access ports, bundles and its router."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marked import HERE, THERE, Marked, frame, packet
from switch_lab import Bench, configure, refused, running_config

from iosemu.net.marking import dscp_of, with_dscp
from iosemu.packets.ethernet import EthernetFrame, EtherType, tag_of, without_tag
from iosemu.packets.ipv4 import IPv4Packet


@pytest.mark.parametrize("model", ["catalyst-2960-24tt", "catalyst-3560-24ps"])
def test_without_it_all_marks_pass(model: str) -> None:
    marked = Marked("interface fa0/1\n mls qos trust cos\n", model)
    assert marked.send("Fa0/1", frame(packet(46), 3)) == (3, 46)
    assert marked.send("Fa0/3", frame(packet(46))) == (0, 46)
    configure(marked.switch, "mls qos")
    assert marked.send("Fa0/1", frame(packet(46), 3)) == (3, 24)
    configure(marked.switch, "no mls qos")
    assert marked.send("Fa0/1", frame(packet(46), 3)) == (3, 46)


def test_a_port_that_trusts_nothing_clears_the_marks() -> None:
    marked = Marked("mls qos\ninterface fa0/1\n mls qos cos 5\n")
    assert marked.send("Fa0/1", frame(packet(46), 5)) == (0, 0)
    assert marked.send("Fa0/3", frame(packet(46))) == (0, 0)
    assert marked.send("Fa0/1", frame(bytes(46), 5, 0x88B5)) == (0, 0)


@pytest.mark.parametrize(
    ("trust", "tagged", "untagged", "other"),
    [
        ("cos", (5, 46), (3, 24), (5, 0)),
        ("dscp", (4, 34), (4, 34), (5, 0)),
        ("ip-precedence", (4, 33), (4, 33), (5, 0)),
    ],
)
def test_what_is_trusted_becomes_dscp_and_cos(
    trust: str, tagged: tuple[int, int], untagged: tuple[int, int], other: tuple[int, int]
) -> None:
    """Frames that carry no IPv4 have their CoS trusted whatever the port trusts."""
    marked = Marked(
        "mls qos\nmls qos map cos-dscp 0 8 16 24 32 46 48 56\nmls qos map ip-prec-dscp 0 9 17 25 33 41 49 57\n"
        f"interface fa0/1\n mls qos trust {trust}\ninterface fa0/3\n mls qos trust {trust}\n mls qos cos 3\n"
    )
    assert marked.send("Fa0/1", frame(packet(34), 5)) == tagged
    assert marked.send("Fa0/3", frame(packet(34))) == untagged
    assert marked.send("Fa0/1", frame(bytes(46), 5, 0x88B5)) == other


def test_the_ports_own_cos_goes_before_all_others() -> None:
    marked = Marked("mls qos\ninterface fa0/1\n mls qos trust dscp\n mls qos cos 2\n mls qos cos override\n")
    assert marked.send("Fa0/1", frame(packet(46), 5)) == (2, 16)


def test_the_priority_of_the_tag_is_that_of_the_map() -> None:
    marked = Marked("mls qos\nmls qos map dscp-cos 18 26 to 7\ninterface fa0/1\n mls qos trust dscp\n")
    assert marked.send("Fa0/1", frame(packet(26), 0)) == (7, 26)
    configure(marked.switch, "no mls qos map dscp-cos")
    assert marked.send("Fa0/1", frame(packet(26), 0)) == (3, 26)


def test_packets_keep_their_dscp_where_it_is_not_rewritten() -> None:
    marked = Marked("mls qos\nno mls qos rewrite ip dscp\ninterface fa0/1\n mls qos trust cos\n")
    assert marked.send("Fa0/1", frame(packet(10), 5)) == (5, 10)


def test_a_port_that_waits_for_a_telephone_trusts_nothing() -> None:
    marked = Marked("mls qos\ninterface fa0/1\n mls qos trust device cisco-phone\n mls qos trust cos\n")
    assert marked.send("Fa0/1", frame(packet(46), 5)) == (0, 0)
    configure(marked.switch, "interface fa0/1\n no mls qos trust device cisco-phone\n")
    assert marked.send("Fa0/1", frame(packet(46), 5)) == (5, 40)


def test_members_of_a_bundle_mark_as_each_is_told() -> None:
    marked = Marked("mls qos\ninterface fa0/1\n channel-group 1 mode on\n mls qos trust cos\n")
    assert marked.send("Fa0/1", frame(packet(0), 5)) == (5, 40)
    configure(marked.switch, "interface fa0/1\n no mls qos trust\n")
    assert marked.send("Fa0/1", frame(packet(0), 5)) == (0, 0)
    refused(marked.switch, "interface port-channel 1\n mls qos trust cos\n")


def test_routed_packets_are_tagged_by_their_dscp() -> None:
    marked = Marked(
        "ip routing\nmls qos\ninterface vlan 10\n ip address 10.0.0.254 255.255.255.0\n"
        "interface fa0/4\n no switchport\n ip address 10.1.0.254 255.255.255.0\n mls qos trust dscp\n"
        f"arp 10.0.0.2 {'0200.0000.0099'} arpa\n",
        "catalyst-3560-24ps",
    )
    far = marked.bench.pc("far", "10.1.0.1/24")
    marked.bench.cable(marked.switch, "Fa0/4", far)
    marked.bench.run(5)
    router = marked.switch.interfaces["FastEthernet0/4"].mac

    def left() -> tuple[int, int]:
        marked.wire.clear()
        sent = EthernetFrame(router, HERE, EtherType.IPV4, packet(46)).to_bytes()
        next(iter(far.interfaces.values())).send(sent)
        marked.bench.run(0.1)
        (found,) = [each for each in marked.wire.outgoing if each[:6] == THERE]
        tag = tag_of(found)
        assert tag is not None
        return tag.priority, dscp_of(without_tag(found))

    assert left() == (5, 46)
    configure(marked.switch, "interface fa0/4\n no mls qos trust\n")
    assert left() == (0, 0)


def test_what_is_taken_back_is_gone() -> None:
    marked = Marked(
        "mls qos\nmls qos map dscp-cos 1 2 3 4 5 6 7 20 to 6\nmls qos map dscp-cos 21 22 to 6\n"
        "interface fa0/1\n mls qos trust\n"
    )
    lines = running_config(marked.switch)
    assert [line for line in lines if "mls" in line] == [
        "mls qos map dscp-cos  1 2 3 4 5 6 7 20 to 6",
        "mls qos map dscp-cos  21 22 to 6",
        "mls qos",
        " mls qos trust dscp",
    ]
    configure(marked.switch, "no mls qos map dscp-cos\nno mls qos\ninterface fa0/1\n no mls qos trust dscp\n")
    assert not any("mls" in line for line in running_config(marked.switch))


def test_the_older_switch_does_not_know_it() -> None:
    refused(Bench().switch("SW", model_name="catalyst-2950-24", image_name="12.4"), "mls qos")


@given(st.integers(0, 63), st.integers(0, 63), st.integers(0, 3), st.ip_addresses(v=4))
def test_a_rewritten_header_is_the_one_that_would_be_made(
    before: int, after: int, ecn: int, to: object
) -> None:
    made = with_dscp(frame(packet(before, ecn, str(to))), after)
    assert IPv4Packet.parse(made[14:]) == IPv4Packet.parse(frame(packet(after, ecn, str(to)))[14:])
