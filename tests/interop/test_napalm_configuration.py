"""NAPALM's four ways to change a configuration: load, compare, commit, roll back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import napalm
import pytest

pytestmark = [pytest.mark.lab("office"), pytest.mark.usefixtures("brisk_transfers")]

LINES = "hostname MERGED\ninterface Loopback9\n description merged\n ip address 9.9.9.9 255.255.255.255\n"
MERGE = f"{LINES}end\n"
"""Without `end` IOS compares nothing, and says `cfgdiff returned error 5`."""


@pytest.fixture(params=[False, True], ids=["scp", "tcl"])
def router(ssh_params: Callable[..., dict[str, Any]], request: pytest.FixtureRequest) -> Iterator[Any]:
    options = {"port": ssh_params("R1")["port"], "secret": "cisco", "inline_transfer": request.param}
    device = napalm.get_network_driver("ios")("127.0.0.1", "admin", "admin", optional_args=options)
    device.open()
    yield device
    device.close()


def test_merge_and_roll_back(router: Any) -> None:
    router.load_merge_candidate(config=MERGE)
    assert router.compare_config() == "\n".join(f"+{line}" for line in LINES.splitlines())
    router.commit_config()
    assert router.get_facts()["hostname"] == "MERGED"
    assert router.compare_config() == ""
    router.rollback()
    assert router.get_facts()["hostname"] == "R1"


def test_replace_and_roll_back(router: Any) -> None:
    running = router.get_config(retrieve="running")["running"]
    router.load_replace_candidate(config=running.replace("hostname R1", "hostname REPLACED"))
    assert router.compare_config() == "+hostname REPLACED\n-hostname R1"
    router.commit_config()
    assert router.get_facts()["hostname"] == "REPLACED"
    router.rollback()
    assert router.get_facts()["hostname"] == "R1"


def test_a_bad_line_is_reported_and_undone(router: Any) -> None:
    router.load_merge_candidate(config="hostname LOST\nbogus command\n")
    with pytest.raises(napalm.base.exceptions.MergeConfigException):
        router.commit_config()
    assert router.get_facts()["hostname"] == "R1"


def test_a_discarded_candidate_changes_nothing(router: Any) -> None:
    router.load_merge_candidate(config=MERGE)
    router.discard_config()
    assert router.compare_config() == ""
