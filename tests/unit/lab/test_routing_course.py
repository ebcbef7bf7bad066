"""The labs about routing: nothing is done at first, and what the hints say gives all points."""

import pytest
from examined import score

from iosemu.lab.lab import Lab
from iosemu.shell.loader import load

PASSIVE = "passive-interface FastEthernet0/1\n"
EVERYTHING = "router ospf 1\nnetwork 10.0.0.0 0.255.255.255 area 0\nnetwork 192.168.0.0 0.0.255.255 area 0\n"
RIP = "router rip\nversion 2\nno auto-summary\nnetwork 10.0.0.0\n"
MD5 = (
    "key chain K\nkey 1\nkey-string sesame\ninterface FastEthernet0/0\n"
    "ip rip authentication mode md5\nip rip authentication key-chain K\n"
)
SOLUTIONS = {
    "rip": {
        "R1": f"{RIP}network 192.168.1.0\n{PASSIVE}{MD5}",
        "R2": f"{RIP}network 192.168.2.0\n{PASSIVE}{MD5}",
        "R3": RIP,
    },
    "static-routes": {
        "R1": "ip route 192.168.2.0 255.255.255.0 10.0.12.2\nip route 192.168.2.0 255.255.255.0 10.0.13.3 200",
        "R2": "ip route 192.168.1.0 255.255.255.0 10.0.12.1\nip route 192.168.1.0 255.255.255.0 10.0.23.3 200",
        "R3": "ip route 192.168.1.0 255.255.255.0 10.0.13.1\nip route 192.168.2.0 255.255.255.0 10.0.23.2",
    },
    "ospf-single-area": {
        "R1": f"{EVERYTHING}{PASSIVE}interface FastEthernet0/0\nip ospf priority 100\n"
        "interface FastEthernet0/0/0\nip ospf cost 10",
        "R2": EVERYTHING + PASSIVE,
        "R3": EVERYTHING,
    },
    "ospf-multi-area": {
        "R1": "router ospf 1\nnetwork 10.0.12.0 0.0.0.255 area 1\nnetwork 172.16.0.0 0.0.255.255 area 1\n"
        "network 192.168.1.0 0.0.0.255 area 1",
        "R2": "router ospf 1\nnetwork 10.0.12.0 0.0.0.255 area 1\nnetwork 10.0.23.0 0.0.0.255 area 0\n"
        "area 1 range 172.16.0.0 255.255.0.0",
        "R3": "router ospf 1\nnetwork 10.0.34.0 0.0.0.255 area 2\nnetwork 10.0.23.0 0.0.0.255 area 0\n"
        "area 2 stub no-summary",
        "R4": "router ospf 1\nnetwork 10.0.34.0 0.0.0.255 area 2\nnetwork 192.168.4.0 0.0.0.255 area 2\narea 2 stub",
    },
    "redistribution": {
        "R2": "router ospf 1\nredistribute rip subnets\nrouter rip\nredistribute ospf 1 metric 3",
        "R3": "router ospf 1\nredistribute eigrp 100 subnets\nredistribute bgp 65001 subnets\nrouter eigrp 100\n"
        "redistribute ospf 1 metric 100000 10 255 1 1500\nredistribute bgp 65001 metric 100000 10 255 1 1500\n"
        "router bgp 65001\nredistribute eigrp 100\nredistribute ospf 1 match internal external 1 external 2",
    },
}
PINGS = {
    "rip": ("PC1", "192.168.2.10"),
    "static-routes": ("PC1", "192.168.2.10"),
    "ospf-single-area": ("PC1", "192.168.2.10"),
    "ospf-multi-area": ("PC1", "192.168.4.10"),
    "redistribution": ("PC1", "192.168.4.10"),
}


def say(lab: Lab, device: str, line: str) -> str:
    session = lab.session(device)
    assert session is not None
    session.run(line)
    lab.clock.watch(session)
    lab.run_until(lambda: not session.waiting, 60)
    lab.clock.unwatch(session)
    return session.output().decode()


@pytest.mark.parametrize("name", SOLUTIONS)
def test_what_the_hints_say_gives_all_points(name: str) -> None:
    lab = Lab.load(name, seed=1)
    lab.boot()
    lab.advance(60)
    done, _ = score(lab)
    assert done < 20
    for device, text in SOLUTIONS[name].items():
        assert load(lab[device], lab.grammar, text) == []
    lab.advance(120)
    done, report = score(lab)
    assert done == 100, report
    source, destination = PINGS[name]
    say(lab, source, f"ping {destination}")
    assert "Lost = 0" in say(lab, source, f"ping {destination}")
