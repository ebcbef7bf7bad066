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
    fields = ("spi_i", "spi_r", "sk_ei", "sk_er", "enc", "sk_ai", "sk_ar", "auth")
    ikev2 = "".join(_ikev2_row(entry, fields) for entry in keys.get("ikev2", ()))
    rows = []
    for entry in keys["esp"]:
        row = ("IPv4", entry["src"], entry["dst"], entry["spi"], entry["enc"], _hex(entry["enckey"]), entry["auth"],
               _hex(entry["authkey"]))  # fmt: skip
        rows.append(",".join(f'"{cell}"' for cell in row) + "\n")
    return {
        "preferences": _PREFERENCES,
        "ikev1_decryption_table": f"# Initiator cookie, encryption key\n{ike}",
        "ikev2_decryption_table": f"# SPIs, encryption keys, integrity keys\n{ikev2}",
        "esp_sa": "# ESP security associations\n" + "".join(rows),
    }


def _ikev2_row(entry: dict[str, Any], fields: tuple[str, ...]) -> str:
    cells = (f'"{entry[name]}"' if name in ("enc", "auth") else str(entry[name]) for name in fields)
    return ",".join(cells) + "\n"


def _hex(key: str) -> str:
    return f"0x{key}" if key else ""
