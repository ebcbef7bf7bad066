"""Queues in lab time: what classes, shapers and policers let pass, within two per cent."""

from __future__ import annotations

import pytest
from session import configure, run
from streams import Traffic, wire

CLASSES = """
class-map match-all VOICE
match ip dscp ef
class-map match-any DATA
match ip dscp af31
class-map match-any BULK
match access-group 101
exit
access-list 101 permit udp any any eq 5003
"""
SLOW = "interface FastEthernet0/0\nspeed 10\n"
"""The line to the far router: 10 Mb/s."""
EF, AF31 = 46, 26


@pytest.mark.parametrize("image", ["15.1", "12.4"])
def test_classes_have_what_they_reserve_and_share_the_rest(image: str) -> None:
    traffic = Traffic(image)
    traffic.configure(
        CLASSES
        + SLOW
        + """
        policy-map WAN
        class DATA
        bandwidth percent 50
        class BULK
        bandwidth percent 25
        interface FastEthernet0/0
        service-policy output WAN
        end
        """
    )
    for port, dscp in ((5002, AF31), (5003, 0), (5004, 0)):
        traffic.stream(port, 11e6, 1.9, dscp=dscp)
    got = traffic.measure(1.5, warm=0.3)
    whole = sum(got.values())
    assert whole == pytest.approx(10e6 * 1000 / (1000 + 38), rel=0.02)
    for port, share in ((5002, 0.5), (5003, 0.25), (5004, 0.25)):
        assert got[port] == pytest.approx(whole * share, rel=0.02)


def test_priority_goes_first_and_no_faster_than_it_may() -> None:
    traffic = Traffic()
    traffic.configure(
        CLASSES
        + SLOW
        + """
        policy-map WAN
        class VOICE
        priority 1000
        class DATA
        bandwidth 5000
        interface FastEthernet0/0
        service-policy output WAN
        end
        """
    )
    traffic.stream(5001, 2e6, 4.5, size=200, dscp=EF)
    traffic.stream(5002, 12e6, 4.5, dscp=AF31)
    got = traffic.measure(3.0, warm=1.0)
    assert wire(got[5001], 200) == pytest.approx(1e6, rel=0.02)
    assert max(traffic.delays[5001]) < 0.0025  # behind one frame of the others
    assert min(traffic.delays[5002]) > 0.03  # a whole queue
    told = run(traffic.network, traffic.network.a, "show policy-map interface")
    assert "Priority: 1000 kbps, burst bytes 25000, b/w exceed drops: " in told
    assert "b/w exceed drops: 0" not in told


def test_priority_alone_may_have_the_whole_line() -> None:
    traffic = Traffic()
    traffic.configure(
        CLASSES
        + SLOW
        + "policy-map WAN\nclass VOICE\npriority 1000\ninterface FastEthernet0/0\nservice-policy output WAN\nend"
    )
    traffic.stream(5001, 3e6, 2.5, size=500, dscp=EF)
    assert traffic.measure(1.5)[5001] == pytest.approx(3e6, rel=0.02)


@pytest.mark.parametrize("image", ["15.1", "12.4"])
@pytest.mark.parametrize(
    "line", ["shape average 2000000", "shape average 2000000 20000 0", "shape average percent 2"]
)
def test_a_shaper_lets_its_rate_pass(image: str, line: str) -> None:
    traffic = Traffic(image)
    traffic.configure(
        f"policy-map SLOW\nclass class-default\n{line}\ninterface FastEthernet0/0\nservice-policy output SLOW\nend"
    )
    traffic.stream(5001, 3e6, 3.5, size=600)
    assert wire(traffic.measure(2.0, warm=1.0)[5001], 600) == pytest.approx(2e6, rel=0.02)


def test_a_shaper_with_peaks_lets_the_excess_pass_too() -> None:
    traffic = Traffic()
    traffic.configure(
        "policy-map SLOW\nclass class-default\nshape peak 1000000 8000 8000\n"
        "interface FastEthernet0/0\nservice-policy output SLOW\nend"
    )
    traffic.stream(5001, 3e6, 3.5, size=600)
    assert wire(traffic.measure(2.0, warm=1.0)[5001], 600) == pytest.approx(2e6, rel=0.02)


def test_classes_share_the_rate_of_a_shaper() -> None:
    traffic = Traffic()
    traffic.configure(
        CLASSES
        + """
        policy-map CHILD
        class VOICE
        priority percent 10
        class DATA
        bandwidth percent 60
        policy-map PARENT
        class class-default
        shape average 4000000
        service-policy CHILD
        interface FastEthernet0/0
        service-policy output PARENT
        end
        """
    )
    for port, rate, dscp in ((5001, 1e6, EF), (5002, 5e6, AF31), (5003, 3e6, 0)):
        traffic.stream(port, rate, 4.5, dscp=dscp)
    got = {port: wire(bits) for port, bits in traffic.measure(3.0, warm=1.0).items()}
    assert sum(got.values()) == pytest.approx(4e6, rel=0.02)
    assert got[5001] == pytest.approx(0.4e6, rel=0.02)
    assert got[5002] == pytest.approx(3.6e6 * 60 / 90, rel=0.02)
    assert got[5003] == pytest.approx(3.6e6 * 30 / 90, rel=0.02)


def test_the_rest_is_shared_by_its_parts() -> None:
    traffic = Traffic()
    traffic.configure(
        CLASSES
        + SLOW
        + """
        policy-map WAN
        class DATA
        bandwidth remaining percent 60
        class BULK
        bandwidth remaining percent 20
        class class-default
        bandwidth remaining percent 20
        interface FastEthernet0/0
        service-policy output WAN
        end
        """
    )
    for port, dscp in ((5002, AF31), (5003, 0), (5004, 0)):
        traffic.stream(port, 11e6, 1.9, dscp=dscp)
    got = traffic.measure(1.5, warm=0.3)
    whole = sum(got.values())
    for port, share in ((5002, 0.6), (5003, 0.2), (5004, 0.2)):
        assert got[port] == pytest.approx(whole * share, rel=0.02)


@pytest.mark.parametrize(
    "line",
    [
        "police cir 1000000",
        "police 1000000 conform-action transmit exceed-action drop",
        "police cir percent 1",
    ],
)
@pytest.mark.parametrize("direction", ["input", "output"])
def test_a_policer_lets_its_rate_pass(line: str, direction: str) -> None:
    traffic = Traffic()
    port = "FastEthernet0/1" if direction == "input" else "FastEthernet0/0"
    traffic.configure(
        f"policy-map P\nclass class-default\n{line}\ninterface {port}\nservice-policy {direction} P\nend"
    )
    traffic.stream(5001, 2e6, 3.5, size=500)
    assert wire(traffic.measure(2.0, warm=1.0)[5001], 500) == pytest.approx(1e6, rel=0.02)


def test_two_rates_and_three_colors() -> None:
    traffic = Traffic()
    traffic.configure(
        """
        policy-map P
        class class-default
        police cir 1000000 pir 2000000
        conform-action set-dscp-transmit af11
        exceed-action set-dscp-transmit af12
        violate-action drop
        interface FastEthernet0/1
        service-policy input P
        end
        """
    )
    traffic.stream(5001, 4e6, 4.5, size=500)
    traffic.network.run(1.0)
    traffic.tos.clear()
    traffic.measure(3.0, warm=0.0)
    for tos in (10 << 2, 12 << 2):
        assert wire(traffic.tos[tos] * 500 * 8 / 3, 500) == pytest.approx(1e6, rel=0.02)
    assert set(traffic.tos) == {10 << 2, 12 << 2}


def test_one_rate_and_three_colors() -> None:
    traffic = Traffic()
    traffic.configure(
        """
        policy-map P
        class class-default
        police 1000000 20000 40000 conform-action transmit exceed-action set-prec-transmit 1 violate-action drop
        interface FastEthernet0/1
        service-policy input P
        end
        """
    )
    traffic.stream(5001, 10e6, 0.06, size=500)
    traffic.network.run(1.0)
    # a burst: what fits the first bucket, what fits the second, and nothing else but what comes meanwhile
    assert traffic.tos[0] == pytest.approx((20000 + 0.06 * 1e6 / 8) / 514, abs=2)
    assert traffic.tos[1 << 5] == pytest.approx(40000 / 514, abs=2)


def test_what_is_marked_arrives_so_and_is_seen_again_at_the_next_hop() -> None:
    traffic = Traffic()
    traffic.configure(
        """
        class-map LATER
        match qos-group 7
        class-map SHORT
        match packet length max 300
        match input-interface FastEthernet0/1
        policy-map IN
        class SHORT
        set qos-group 7
        set dscp cs5
        policy-map OUT
        class LATER
        set dscp ef
        class class-default
        set precedence 3
        interface FastEthernet0/1
        service-policy input IN
        interface FastEthernet0/0
        service-policy output OUT
        end
        """
    )
    traffic.stream(5001, 1e5, 0.1, size=200)
    traffic.stream(5002, 1e5, 0.1, size=600, dscp=2)
    traffic.network.run(1.0)
    assert traffic.tos == {EF << 2: 7, 3 << 5 | 2 << 2: 3}


def test_flows_have_equal_shares() -> None:
    traffic = Traffic()
    traffic.configure(
        SLOW
        + "policy-map FAIR\nclass class-default\nfair-queue\ninterface FastEthernet0/0\nservice-policy output FAIR\nend"
    )
    traffic.stream(5001, 12e6, 2.0)
    traffic.stream(5002, 8e6, 2.0, size=500)
    traffic.stream(5003, 1e6, 2.0, size=200)
    got = traffic.measure(1.5, warm=0.3)
    assert got[5003] == pytest.approx(1e6, rel=0.02)
    assert wire(got[5001]) == pytest.approx(wire(got[5002], 500), rel=0.02)


def test_early_detection_drops_before_the_queue_is_full() -> None:
    traffic = Traffic()
    traffic.configure(
        SLOW
        + """
        policy-map RED
        class class-default
        random-detect dscp-based
        random-detect dscp 26 5 60 1
        random-detect exponential-weighting-constant 4
        interface FastEthernet0/0
        service-policy output RED
        end
        """
    )
    traffic.stream(5001, 12e6, 3.0, dscp=AF31)
    traffic.stream(5002, 1e6, 3.0, dscp=0, size=500)
    traffic.network.run(3.5)
    told = run(traffic.network, traffic.network.a, "show policy-map interface FastEthernet0/0")
    row = next(line.split() for line in told.splitlines() if line.strip().startswith("af31"))
    assert int(row[2].split("/")[0]) > 100  # by chance
    assert int(row[3].split("/")[0]) < 20  # because it was full


def test_counters_are_those_of_the_line() -> None:
    traffic = Traffic()
    traffic.configure(
        SLOW
        + "policy-map Q\nclass class-default\nqueue-limit 10 packets\ninterface FastEthernet0/0\n"
        + "service-policy output Q\nend"
    )
    interface = traffic.network.a.interfaces["FastEthernet0/0"]
    run(traffic.network, traffic.network.a, "clear counters")
    traffic.stream(5001, 50e6, 0.1)
    traffic.network.run(2.0)
    sent = len(traffic.delays[5001])
    told = run(traffic.network, traffic.network.a, "show policy-map interface FastEthernet0/0 output")
    assert interface.counters.out_drops + sent == 625
    assert f"/{interface.counters.out_drops}/0" in told
    assert f"Total output drops: {interface.counters.out_drops}" in run(
        traffic.network, traffic.network.a, "show interfaces FastEthernet0/0"
    )
    run(traffic.network, traffic.network.a, "clear counters FastEthernet0/0")
    told = run(traffic.network, traffic.network.a, "show policy-map interface FastEthernet0/0 output")
    assert "0 packets, 0 bytes" in told
    assert "drops) 0/0/0" in told


def test_a_policy_that_changes_keeps_what_waits() -> None:
    traffic = Traffic()
    traffic.configure(
        "policy-map S\nclass class-default\nshape average 100000\ninterface FastEthernet0/0\n"
        "service-policy output S\nend"
    )
    traffic.stream(5001, 1e6, 0.2, size=500)
    traffic.network.run(0.3)
    before = len(traffic.delays.get(5001, []))
    assert before < 20
    traffic.configure("policy-map S\nclass class-default\nshape average 5000000\nend")
    traffic.network.run(0.5)
    assert len(traffic.delays[5001]) == 50
    traffic.configure("policy-map S\nclass class-default\nshape average 100000\nend")
    traffic.stream(5001, 1e6, 0.2, size=500)
    traffic.network.run(0.3)
    traffic.configure("interface FastEthernet0/0\nno service-policy output S\nend")
    traffic.network.run(0.5)
    assert len(traffic.delays[5001]) == 100


def through_a_tunnel() -> Traffic:
    """Traffic whose way leads through a tunnel over the line."""
    traffic = Traffic()
    network = traffic.network
    for box, number, far in ((network.a, 1, 20), (network.b, 2, 10)):
        own = 30 - far
        configure(
            network,
            box,
            f"interface Tunnel0\nip address 172.16.0.{number} 255.255.255.0\ntunnel source FastEthernet0/0\n"
            f"tunnel destination 10.0.10.{far}\nexit\nno ip route 192.168.{own // 10}.0 255.255.255.0\n"
            f"ip route 192.168.{3 - number}.0 255.255.255.0 Tunnel0\nend",
        )
    network.run(2.0)
    return traffic


def test_a_tunnel_is_shaped_and_classified_by_what_is_in_it() -> None:
    traffic = through_a_tunnel()
    network = traffic.network
    traffic.configure(
        CLASSES
        + """
        policy-map OUTER
        class BULK
        set dscp cs4
        policy-map INNER
        class class-default
        shape average 1000000
        interface Tunnel0
        qos pre-classify
        service-policy output INNER
        interface FastEthernet0/0
        service-policy output OUTER
        end
        """
    )
    traffic.stream(5003, 3e6, 3.5, size=500)
    got = traffic.measure(2.0, warm=1.0)
    assert got[5003] == pytest.approx(1e6, rel=0.02)
    told = run(network, network.a, "show policy-map interface FastEthernet0/0")
    assert "Packets marked 0" not in told


@pytest.mark.parametrize("policy", ["", "policy-map MARK\nclass class-default\nset dscp af31\n"])
def test_a_tunnel_keeps_its_rate_limit_with_and_without_a_policy(policy: str) -> None:
    traffic = through_a_tunnel()
    limit = "rate-limit output 1000000 8000 16000 conform-action transmit exceed-action drop"
    attach = "service-policy output MARK\n" if policy else ""
    traffic.configure(f"{policy}interface Tunnel0\n{limit}\n{attach}end")
    traffic.stream(5003, 3e6, 3.5, size=500)
    got = traffic.measure(2.0, warm=1.0)
    assert got[5003] == pytest.approx(1e6, rel=0.1)
    [line] = [
        each
        for each in run(traffic.network, traffic.network.a, "show interfaces rate-limit").splitlines()
        if "exceeded" in each and "action" in each
    ]
    assert int(line.split()[1]) > 500
