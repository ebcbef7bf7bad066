"""scrapli over each of its SSH transports, against the finished lab."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from scrapli.driver.core import AsyncIOSXEDriver, IOSXEDriver

COMMANDS = ["show ip interface brief", "show clock"]
CONFIGURATION = ["interface loopback 1", "description probe"]


def options(port: int, transport: str) -> dict[str, Any]:
    return {
        "host": "127.0.0.1",
        "port": port,
        "auth_username": "admin",
        "auth_password": "admin",
        "auth_strict_key": False,
        "ssh_config_file": False,
        "transport": transport,
    }


# scrapli's system transport leaves its pty's file to the garbage collector
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("transport", ["system", "paramiko"])
def test_scrapli(up: Callable[..., Any], transport: str) -> None:
    running = up("ipsec-vpn")
    with IOSXEDriver(**options(running.ports["R-A"], transport)) as router:
        assert router.get_prompt() == "R-A#"
        addresses, clock = router.send_commands(COMMANDS)
        assert "FastEthernet0/0" in addresses.result
        assert "UTC" in clock.result
        assert not router.send_configs(CONFIGURATION).failed
        assert "description probe" in router.send_command("show running-config").result
        assert router.send_command("show nonsense").failed


def test_scrapli_asyncssh(up: Callable[..., Any]) -> None:
    running = up("ipsec-vpn")

    async def talk() -> str:
        async with AsyncIOSXEDriver(**options(running.ports["R-B"], "asyncssh")) as router:
            await router.send_configs(CONFIGURATION)
            return (await router.send_command("show running-config")).result

    assert "description probe" in asyncio.run(talk())
