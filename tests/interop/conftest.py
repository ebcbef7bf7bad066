"""Tests of clients that the test environment lacks are not collected; `uv sync --group test` brings them all."""

import time
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import netmiko.cisco.cisco_ios
import pytest

collect_ignore = [
    *([] if find_spec("napalm") else ["test_napalm_configuration.py", "test_napalm_getters.py"]),
    *([] if find_spec("ansible") else ["test_ansible.py"]),
]


OUTSIDE = (
    "frr/",
    "strongswan/",
    "test_tcp_linux.py",
    "test_tap.py",
    "test_servers_linux.py",
    "test_snmp_linux.py",
    "test_ntp_linux.py",
    "test_dns_linux.py",
    "test_syslog_linux.py",
    "test_dhcp_linux.py",
    "test_vrrp_keepalived.py",
    "test_ansible.py",
    "test_napalm_configuration.py",
    "test_capture_ipsec.py",
)
"""Tests with real programs as peers that wait on the wall clock, and clients and readers that take long to start."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark them, so that `make test` leaves them to `make interop`."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here) and item.path.relative_to(here).as_posix().startswith(OUTSIDE):
            item.add_marker(pytest.mark.interop)


@pytest.fixture
def brisk_transfers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Netmiko pauses for seconds in a transfer through Tcl, before it waits for a prompt; a lab needs no pause."""
    pause = SimpleNamespace(sleep=lambda seconds: time.sleep(min(seconds, 0.25)))
    monkeypatch.setattr(netmiko.cisco.cisco_ios, "time", pause)
