"""scrapli over each of its SSH transports, against the finished lab."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from scrapli.driver.core import AsyncIOSXEDriver, IOSXEDriver

Params = Callable[..., dict[str, Any]]
pytestmark = pytest.mark.lab("ipsec-vpn")

COMMANDS = ["show ip interface brief", "show clock"]
CONFIGURATION = ["interface loopback 1", "description probe"]


# scrapli's system transport leaves its pty's file to the garbage collector
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("transport", ["system", "paramiko"])
def test_scrapli(ssh_params: Params, transport: str) -> None:
    with IOSXEDriver(**ssh_params("R-A", "scrapli"), transport=transport) as router:
        assert router.get_prompt() == "R-A#"
        addresses, clock = router.send_commands(COMMANDS)
        assert "FastEthernet0/0" in addresses.result
        assert "UTC" in clock.result
        assert not router.send_configs(CONFIGURATION).failed
        assert "description probe" in router.send_command("show running-config").result
        assert router.send_command("show nonsense").failed


def test_scrapli_asyncssh(ssh_params: Params) -> None:
    params = ssh_params("R-B", "scrapli")

    async def talk() -> str:
        async with AsyncIOSXEDriver(**params, transport="asyncssh") as router:
            await router.send_configs(CONFIGURATION)
            return (await router.send_command("show running-config")).result

    assert "description probe" in asyncio.run(talk())
