"""The labs about NAT, access lists and zones: nothing is done at first, and what the hints say gives all points."""

import pytest
from examined import score

from iosemu.lab.lab import Lab
from iosemu.shell.loader import load

SOLUTIONS = {
    "nat": {
        "R1": (
            "interface FastEthernet0/0\nip nat inside\ninterface FastEthernet0/1\nip nat outside\n"
            "no access-list 1\naccess-list 1 permit 192.168.1.0 0.0.0.255\n"
            "ip nat inside source list 1 interface FastEthernet0/1 overload\n"
            "ip nat inside source static 192.168.1.100 203.0.113.3\n"
            "ip nat inside source static tcp 192.168.1.100 80 203.0.113.2 8080"
        ),
    },
    "acl": {
        "R1": (
            "no access-list 110\naccess-list 110 deny tcp any any eq telnet\n"
            "access-list 110 permit ip any any\n"
            "interface FastEthernet0/0\nno ip access-group 110 out\nip access-group 110 in\n"
            "ip access-list extended GUESTS\n"
            "permit tcp 192.168.20.0 0.0.0.255 host 192.168.30.100 eq www\n"
            "deny ip any 192.168.0.0 0.0.255.255\npermit ip any any\n"
            "interface FastEthernet0/1\nip access-group GUESTS in\n"
            "access-list 5 permit 192.168.10.0 0.0.0.255\nline vty 0 4\naccess-class 5 in"
        ),
    },
    "zone-firewall": {
        "FW": (
            "class-map type inspect match-any LAN-OUT\n"
            "zone security DMZ\ninterface GigabitEthernet0/2\nzone-member security DMZ\n"
            "zone-pair security IN-DMZ source INSIDE destination DMZ\nservice-policy type inspect LAN-OUT\n"
            "ip access-list extended SERVER\npermit ip any host 172.16.1.10\n"
            "class-map type inspect match-all TO-FTP\nmatch protocol ftp\nmatch access-group name SERVER\n"
            "policy-map type inspect OUT-DMZ\nclass type inspect TO-FTP\ninspect\n"
            "zone-pair security OUT-DMZ source OUTSIDE destination DMZ\nservice-policy type inspect OUT-DMZ\n"
            "class-map type inspect match-any PING\nmatch protocol icmp\n"
            "policy-map type inspect OUT-SELF\nclass type inspect PING\ninspect\n"
            "class class-default\ndrop log\n"
            "zone-pair security OUT-SELF source OUTSIDE destination self\n"
            "service-policy type inspect OUT-SELF"
        ),
    },
}
TYPED = {
    "nat": (("PC1", "ping 198.51.100.9"),),
    "acl": (("PC2", "ping 192.168.10.11"),),
    "zone-firewall": (("PC1", "ping 198.51.100.1"), ("ISP", "telnet 203.0.113.1")),
}
"""What is tried when all is configured."""


@pytest.mark.parametrize("name", SOLUTIONS)
def test_what_the_hints_say_gives_all_points(name: str) -> None:
    lab = Lab.load(name, seed=1)
    lab.boot()
    lab.advance(30)
    assert score(lab)[0] == 0
    for device, text in SOLUTIONS[name].items():
        assert load(lab[device], lab.grammar, text) == []
    for device, command in TYPED[name]:
        session = lab.session(device, hidden=True)
        assert session is not None
        session.run(command)
        lab.advance(20)
    done, report = score(lab)
    assert done == 100, report
