"""The lab about SNMP, syslog and NTP: nothing is done at first, and what the hints say gives all points."""

from __future__ import annotations

from examined import score

from iosemu.ip.resolver import Resolver
from iosemu.lab.lab import Lab
from iosemu.shell.loader import load

NAME = "snmp-syslog-ntp"
R1 = """ntp authentication-key 1 md5 OnTime
ntp trusted-key 1
ntp authenticate
ntp server 10.0.0.10 key 1 iburst
ip name-server 10.0.0.10
ip domain name example.org
logging host 10.0.0.50
logging trap notifications
access-list 10 permit host 10.0.0.50
snmp-server community watch RO 10
snmp-server group STAFF v3 priv
snmp-server user noc STAFF v3 auth sha Password1 priv aes 128 Password2
snmp-server enable traps snmp linkdown linkup
snmp-server host 10.0.0.50 version 2c watch"""


def test_what_the_hints_say_gives_all_points() -> None:
    lab = Lab.load(NAME, seed=1)
    lab.boot()
    lab.advance(120)
    assert score(lab)[0] == 0
    assert load(lab["R1"], lab.grammar, R1) == []
    lab.advance(60)
    assert load(lab["SW1"], lab.grammar, "ntp server 10.0.0.1 iburst") == []
    for line in ("shutdown", "no shutdown"):
        assert load(lab["R1"], lab.grammar, f"interface FastEthernet0/1\n{line}") == []
        lab.advance(30)
    lookup = lab["R1"].service(Resolver).look_up("station")
    lab.advance(2)
    assert [str(each) for each in lookup.addresses] == ["10.0.0.50"]
    done, report = score(lab)
    assert done == 100, report
