"""The lab about DHCP: nothing is done at first, and what the hints say gives all points."""

from examined import score

from iosemu.lab.lab import Lab
from iosemu.shell.loader import load

POOL = "default-router {0}.1\ndns-server 10.0.0.53\nlease 0 8\n"
R1 = (
    "ip dhcp excluded-address 192.168.1.1 192.168.1.10\nip dhcp pool LAN\nnetwork 192.168.1.0 255.255.255.0\n"
    + POOL.format("192.168.1")
    + "ip dhcp pool BRANCH\nnetwork 192.168.2.0 255.255.255.0\n"
    + POOL.format("192.168.2")
)
SOLUTION = {
    "R1": R1,
    "R2": "interface FastEthernet0/0\nip helper-address 10.0.12.1",
    "SW1": "interface Vlan1\nip address dhcp",
}


def test_what_the_hints_say_gives_all_points() -> None:
    lab = Lab.load("dhcp", seed=1)
    lab.boot()
    lab.advance(60)
    assert score(lab)[0] == 0
    for device, text in SOLUTION.items():
        assert load(lab[device], lab.grammar, text) == []
    lab.advance(90)  # the longest that a client waits before it asks again
    done, report = score(lab)
    assert done == 100, report
