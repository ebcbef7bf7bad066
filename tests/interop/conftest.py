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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all of this folder: programs of their own, that start slowly and wait on the wall clock."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.interop)


@pytest.fixture
def brisk_transfers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Netmiko pauses for seconds in a transfer through Tcl, before it waits for a prompt; a lab needs no pause."""
    pause = SimpleNamespace(sleep=lambda seconds: time.sleep(min(seconds, 0.25)))
    monkeypatch.setattr(netmiko.cisco.cisco_ios, "time", pause)
