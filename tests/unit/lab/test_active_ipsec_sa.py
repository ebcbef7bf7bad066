"""`show crypto ipsec sa active` shows only the flows whose SAs are up."""

from __future__ import annotations

from iosemu import SyncLab

COMMAND = "show crypto ipsec sa active"


def test_only_flows_with_sas_are_active() -> None:
    with SyncLab("ipsec-vpn") as lab:
        lab.advance("65s")
        router = lab["R-A"]
        assert "#pkts encaps: 0" in router.cli("show crypto ipsec sa")
        assert router.cli(COMMAND).strip() == ""
        lab["PC-A"].cli("ping 192.168.2.1")
        shown = router.cli(COMMAND)
        assert "interface: FastEthernet0/0" in shown
        assert "current_peer 10.0.10.20" in shown
        assert "Status: ACTIVE" in shown
        router.cli("clear crypto sa")
        assert router.cli(COMMAND).strip() == ""
