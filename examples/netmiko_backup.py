"""Save the running configuration of every device: python netmiko_backup.py INVENTORY.json FOLDER.

The inventory is what `iosemu inventory --format netmiko` writes.
"""

import json
import sys
from pathlib import Path

import netmiko


def backup(inventory: dict[str, dict[str, object]], folder: Path) -> list[Path]:
    """Write NAME.cfg for each device; returns the files."""
    written = []
    for name, parameters in inventory.items():
        with netmiko.ConnectHandler(**parameters) as device:
            text = str(device.send_command("show running-config"))
        path = folder / f"{name}.cfg"
        path.write_text(text + "\n", encoding="utf-8")
        written.append(path)
    return written


if __name__ == "__main__":
    for file in backup(json.loads(Path(sys.argv[1]).read_text("utf-8")), Path(sys.argv[2])):
        print(file)
