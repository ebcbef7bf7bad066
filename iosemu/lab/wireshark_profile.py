"""A Wireshark profile: a configuration directory with the keys of a capture."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from iosemu.server import durable

_PREFERENCES = """\
# Preferences with which Wireshark looks into ESP and checks what it sees.
esp.enable_encryption_decode: TRUE
esp.enable_authentication_check: TRUE
ip.check_checksum: TRUE
udp.check_checksum: TRUE
"""

Keys = dict[str, list[dict[str, Any]]]


def _replace(path: Path, text: str) -> None:
    durable.write_file(path, text.encode())


def write_keys(path: Path, keys: Keys) -> None:
    """Write the keys as JSON; raises OSError."""
    _replace(path, json.dumps(keys, indent=1) + "\n")


def write_profile(directory: Path, keys: Keys) -> None:
    """Write the tables of a Wireshark profile; raises OSError.

    `WIRESHARK_CONFIG_DIR=<directory> wireshark FILE` takes it as it is.
    """
    durable.make_directories(directory)
    for name, text in profile_files(keys).items():
        _replace(directory / name, text)


def profile_files(keys: Keys) -> dict[str, str]:
    """The files of a Wireshark profile."""
    ike = "".join(f"{entry['cookie']},{entry['key']}\n" for entry in keys["ike"])
    rows = []
    for entry in keys["esp"]:
        row = ("IPv4", entry["src"], entry["dst"], entry["spi"], entry["enc"], _hex(entry["enckey"]), entry["auth"],
               _hex(entry["authkey"]))  # fmt: skip
        rows.append(",".join(f'"{cell}"' for cell in row) + "\n")
    return {
        "preferences": _PREFERENCES,
        "ikev1_decryption_table": f"# Initiator cookie, encryption key\n{ike}",
        "esp_sa": "# ESP security associations\n" + "".join(rows),
    }


def _hex(key: str) -> str:
    return f"0x{key}" if key else ""
