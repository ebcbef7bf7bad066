"""Loopback interfaces: nothing to wait for."""

from iosemu import SyncLab


def test_a_loopback_is_up_at_once_and_says_so_later() -> None:
    with SyncLab("ipsec-vpn", seed=1) as lab:
        device = lab["R-A"]
        device.configure("logging buffered 8192\ninterface Loopback1\nip address 1.1.1.1 255.255.255.255")
        shown = device.cli("show ip interface brief | include Loopback1")
        assert shown.split() == ["Loopback1", "1.1.1.1", "YES", "manual", "up", "up"]
        assert "1.1.1.1" in device.cli("show ip route connected")
        lab.advance(3)
        assert "Line protocol on Interface Loopback1, changed state to up" in device.cli("show logging")
