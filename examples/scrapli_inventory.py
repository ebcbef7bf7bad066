"""Ask all devices at once for their version: python scrapli_inventory.py INVENTORY.json.

The inventory is what `iosemu inventory --format netmiko` writes.
"""

import asyncio
import json
import sys
from pathlib import Path

from scrapli.driver.core import AsyncIOSXEDriver


async def version(name: str, device: dict[str, object]) -> tuple[str, str]:
    """The name and the first line of `show version`."""
    async with AsyncIOSXEDriver(
        host=device["host"], port=device["port"], auth_username=device["username"], auth_password=device["password"],
        auth_secondary=device["secret"], auth_strict_key=False, transport="asyncssh",
    ) as connection:  # fmt: skip
        response = await connection.send_command("show version")
    return name, response.result.splitlines()[0]


async def main() -> None:
    devices = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    for name, line in await asyncio.gather(*(version(*item) for item in devices.items())):
        print(f"{name}: {line}")


if __name__ == "__main__":
    asyncio.run(main())
