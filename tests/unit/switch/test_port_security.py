"""Port security: violations of each kind, sticky addresses, err-disable and recovery."""

from __future__ import annotations

import pytest
from switch_lab import Bench, configure, has_block, reaches, refused, running_config, show

from iosemu.ip.stack import IpStack
from iosemu.subjects.pc.service import NetworkCards

BASE = "interface range fa0/1 - 3\n switchport mode access\n spanning-tree portfast\n"


class Secured:
    """PC A is known on Fa0/1; then PC X takes its place."""

    def __init__(self, settings: str) -> None:
        self.bench = Bench()
        lines = "\n".join(
            f" switchport port-security {each}".rstrip() for each in ["", *settings.split("\n")]
        )
        self.switch = self.bench.switch("SW", BASE + f"interface fa0/1\n{lines}\n")
        self.a, self.b, self.x = (
            self.bench.pc(name, f"10.0.0.{number}/24") for number, name in enumerate("ABX", 1)
        )
        self.link = self.bench.cable(self.switch, "Fa0/1", self.a)
        self.bench.cable(self.switch, "Fa0/2", self.b)
        self.bench.run(3)
        assert reaches(self.bench, self.a, "10.0.0.2")

    def intrude(self) -> bool:
        """A's card takes another address: does it still get through?"""
        self.a.service(NetworkCards).card.mac = self.x.service(NetworkCards).card.mac
        for host in (self.a, self.b):
            host.service(IpStack).arp.table.clear()
        return reaches(self.bench, self.a, "10.0.0.2")

    def value(self, label: str) -> str:
        lines = show(self.switch, "show port-security interface fa0/1")
        return next(line.split(": ", 1)[1] for line in lines if line.startswith(label))


def test_shutdown_is_the_default() -> None:
    secured = Secured("")
    assert secured.value("Port Status") == "Secure-up"
    assert not secured.intrude()
    assert secured.value("Port Status") == "Secure-shutdown"
    assert secured.value("Security Violation Count") == "1"
    texts = [message.text for message in secured.switch.syslog.messages]
    assert "psecure-violation error detected on Fa0/1, putting Fa0/1 in err-disable state" in texts
    assert any("caused by MAC address" in text and "on port FastEthernet0/1." in text for text in texts)
    assert any(
        "psecure-violation" in line for line in show(secured.switch, "show interfaces status err-disabled")
    )
    secured.a.service(NetworkCards).card.mac = secured.a.service(NetworkCards).card.burned_in_mac
    configure(secured.switch, "interface fa0/1\n shutdown\n no shutdown")
    secured.bench.run(3)
    assert reaches(secured.bench, secured.a, "10.0.0.2")


@pytest.mark.parametrize(("action", "count"), [("protect", "0"), ("restrict", None)])
def test_protect_and_restrict_drop(action: str, count: str | None) -> None:
    secured = Secured(f"violation {action}")
    assert not secured.intrude()
    assert secured.value("Port Status") == "Secure-up"
    if count is None:
        assert int(secured.value("Security Violation Count")) > 0
    else:
        assert secured.value("Security Violation Count") == count
    secured.a.service(NetworkCards).card.mac = secured.a.service(NetworkCards).card.burned_in_mac
    assert reaches(secured.bench, secured.a, "10.0.0.2")


def test_there_is_room_up_to_the_maximum() -> None:
    secured = Secured("maximum 2")
    assert secured.intrude()
    assert secured.value("Total MAC Addresses") == "2"
    assert "Maximum is less than" in refused(
        secured.switch, "interface fa0/1\n switchport port-security maximum 1"
    )


def test_sticky_addresses_are_configuration() -> None:
    secured = Secured("mac-address sticky\nviolation restrict")
    line = f" switchport port-security mac-address sticky {secured.a.service(NetworkCards).card.mac.dotted}"
    assert line in running_config(secured.switch)
    secured.link.plugged = False
    secured.link.plugged = True
    secured.bench.run(3)
    assert not secured.intrude()
    assert any("SecureSticky" in row for row in show(secured.switch, "show port-security address"))


def test_dynamic_addresses_end_with_the_link_and_age() -> None:
    secured = Secured("aging time 2\nviolation restrict")
    assert any("SecureDynamic" in row for row in show(secured.switch, "show port-security address"))
    secured.bench.run(121)
    assert secured.value("Total MAC Addresses") == "0"
    assert secured.intrude()
    secured.link.plugged = False
    assert secured.value("Total MAC Addresses") == "0"


def test_recovery() -> None:
    secured = Secured("")
    configure(secured.switch, "errdisable recovery cause psecure-violation\nerrdisable recovery interval 30")
    assert not secured.intrude()
    secured.a.service(NetworkCards).card.mac = secured.a.service(NetworkCards).card.burned_in_mac
    assert any("Fa0/1" in line for line in show(secured.switch, "show errdisable recovery"))
    secured.bench.run(33)
    assert reaches(secured.bench, secured.a, "10.0.0.2")
    assert "ERR_RECOVER" in {message.mnemonic for message in secured.switch.syslog.messages}


def test_refusals() -> None:
    switch = Bench().switch("SW", BASE)
    assert "is a dynamic port" in refused(switch, "interface fa0/9\n switchport port-security")
    configure(switch, "interface fa0/1\n switchport port-security mac-address 0200.0000.0001")
    assert "has reached maximum limit" in refused(
        switch, "interface fa0/1\n switchport port-security mac-address 0200.0000.0002"
    )
    assert "duplicate mac-address" in refused(
        switch, "interface fa0/2\n switchport port-security mac-address 0200.0000.0001"
    )


def test_shows_and_lines() -> None:
    switch = Bench().switch(
        "SW",
        BASE + "interface fa0/1\n switchport port-security maximum 3\n switchport port-security\n"
        " switchport port-security violation restrict\n switchport port-security mac-address 0200.0000.0001",
    )
    assert has_block(
        running_config(switch),
        " switchport mode access",
        " switchport port-security maximum 3",
        " switchport port-security",
        " switchport port-security violation restrict",
        " switchport port-security mac-address 0200.0000.0001",
        " spanning-tree portfast",
    )
    assert "      Fa0/1              3            1                  0         Restrict" in show(
        switch, "show port-security"
    )
    assert any("0200.0000.0001    STATIC" in row for row in show(switch, "show mac address-table static"))
    configure(switch, "interface fa0/1\n no switchport port-security mac-address 0200.0000.0001")
    assert not any("0200.0000.0001" in row for row in show(switch, "show mac address-table"))
