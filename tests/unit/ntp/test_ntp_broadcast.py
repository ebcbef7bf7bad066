"""Broadcast and multicast of the time: who hears it, how far away it is, keys, limits, and who falls silent."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "switch"))

from switch_lab import Bench, configure, has_block, running_config, show

from iosemu.box.device import Device
from iosemu.packets.ntp import difference
from iosemu.subjects.ntp.service import Ntp

PORT = "interface fa0/0\n ip address {} 255.255.255.0\n no shutdown\n {}\n{}"


def pair(told: str, heard: str, of_server: str = "", of_client: str = "") -> tuple[Bench, Device, Device]:
    bench = Bench()
    server = bench.router("R1", PORT.format("10.0.0.1", told, f"ntp master 3\n{of_server}"))
    client = bench.router("R2", PORT.format("10.0.0.2", heard, of_client))
    bench.cable(server, "Fa0/0", client, "Fa0/0")
    return bench, server, client


def off(server: Device, client: Device) -> float:
    """Seconds between the clocks."""
    return abs(difference(server.service(Ntp).clock(), client.service(Ntp).clock()))


def row(device: Device) -> str:
    """The one association that nobody typed."""
    (found,) = [line for line in show(device, "show ntp associations") if " 10.0.0.1 " in line]
    return found


def test_a_broadcast_is_heard_and_its_sender_asked_how_far_it_is() -> None:
    bench, server, client = pair("ntp broadcast", "ntp broadcast client")
    bench.run(40)
    shown = show(client, "show ntp associations detail")
    assert "10.0.0.1 dynamic, ipv4" in shown[0]
    assert "our mode client, peer mode server" in "\n".join(shown)
    bench.run(260)
    shown = show(client, "show ntp associations detail")
    assert "our mode bdcast client, peer mode bdcast" in "\n".join(shown)
    asked = client.service(Ntp).engine.associations[0].packets_out
    bench.run(600)
    engine = client.service(Ntp).engine
    assert engine.associations[0].packets_out == asked, "it is only listened to"
    assert row(client).startswith("* 10.0.0.1 ")
    assert engine.system.stratum == 4
    assert off(server, client) < 0.005
    configure(server, "interface fa0/0\n no ntp broadcast")
    bench.run(1200)
    assert engine.associations == []
    assert engine.system.peer is None


def test_a_group_is_heard_by_who_joined_it() -> None:
    bench, _server, client = pair("ntp multicast 239.1.1.1 ttl 3", "ntp multicast client 239.1.1.1")
    bench.run(400)
    assert row(client).startswith("* 10.0.0.1 ")
    configure(client, "interface fa0/0\n no ntp multicast client 239.1.1.1\n ntp multicast client")
    bench.run(1200)
    assert client.service(Ntp).engine.associations == []


def test_who_asks_for_keys_hears_no_broadcast_without_one() -> None:
    keys = "ntp authentication-key 1 md5 secret\nntp trusted-key 1\nntp authenticate"
    bench, server, client = pair("ntp broadcast", "ntp broadcast client", keys, keys)
    bench.run(300)
    assert client.service(Ntp).engine.associations == []
    configure(server, "interface fa0/0\n ntp broadcast key 1")
    bench.run(400)
    assert row(client).startswith("* 10.0.0.1 ")
    assert ", authenticated," in show(client, "show ntp associations detail")[0]


def test_no_more_associations_than_are_wanted() -> None:
    bench, _server, client = pair("ntp broadcast", "ntp broadcast client", "", "ntp max-associations 0")
    bench.run(300)
    assert client.service(Ntp).engine.associations == []
    configure(client, "no ntp max-associations")
    bench.run(300)
    assert row(client)


def test_access_and_disabled_interfaces() -> None:
    listed = "access-list 5 deny any\nntp access-group peer 5"
    bench, _server, client = pair("ntp broadcast", "ntp broadcast client", "", listed)
    bench.run(200)
    assert client.service(Ntp).engine.associations == []
    configure(client, "no ntp access-group peer 5\ninterface fa0/0\n ntp disable")
    bench.run(200)
    assert client.service(Ntp).engine.associations == []
    configure(client, "interface fa0/0\n no ntp disable")
    bench.run(200)
    assert row(client)


def test_a_sender_who_does_not_answer_is_a_little_off() -> None:
    silent = "access-list 5 deny any\nntp access-group serve 5"
    delay = "ntp broadcastdelay 20000"
    bench, server, client = pair("ntp broadcast", "ntp broadcast client", silent, delay)
    bench.run(2000)
    assert row(client).startswith("* 10.0.0.1 ")
    assert 0.008 < off(server, client) < 0.012, "half of the typed delay, and nothing was measured"


def test_lines_of_an_interface() -> None:
    bench = Bench()
    lines = (
        " ntp disable",
        " ntp broadcast client",
        " ntp broadcast destination 10.0.0.255 key 7 version 3",
        " ntp multicast client",
        " ntp multicast client 239.1.1.1",
        " ntp multicast key 7 ttl 9",
        " ntp multicast 239.1.1.2",
    )
    router = bench.router(
        "R", "ntp max-associations 7\nntp broadcastdelay 500\ninterface fa0/0\n" + "\n".join(lines)
    )
    shown = running_config(router)
    assert has_block(shown, *lines)
    assert {"ntp max-associations 7", "ntp broadcastdelay 500"} <= set(shown)
    configure(router, "interface fa0/0\n" + "\n".join(f" no{line}" for line in lines))
    assert not any(" ntp" in line for line in running_config(router))
