"""The private configuration: what NVRAM keeps and no listing shows, the RSA keys of the box."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from iosemu.box.rsa import RsaKey
from iosemu.box.service import Service

PRIVATE_CONFIG = "private-config"
"""Its name in NVRAM."""


class PrivateConfig(Service):
    """Reads the keys at power on, and writes them whenever there are others than before."""

    def start(self) -> None:
        """The keys are those of NVRAM; a file that is none of this box's is left alone and says so."""
        keys = self.device.rsa_keys
        keys.clear()
        stored = self.device.nvram.get(PRIVATE_CONFIG)
        if stored is None:
            return
        try:
            keys.update((key.name, key) for key in self._load(stored))
        except (ValueError, KeyError, TypeError):
            self.device.log(
                "SYS",
                4,
                "CONFIG_NV_NEED_OVERWRITE",
                f"Warning: nvram:{PRIVATE_CONFIG} is corrupt and not used",
            )

    def put(self, key: RsaKey) -> None:
        """Have a key pair, in place of one of the same name.

        Raises FileSystemError when it cannot be kept; the keys are then as they were.
        """
        self._replace({**self.device.rsa_keys, key.name: key})

    def remove(self, names: Iterable[str]) -> None:
        """Have these key pairs no more. Raises FileSystemError as `put` does."""
        gone = set(names)
        self._replace({name: key for name, key in self.device.rsa_keys.items() if name not in gone})

    def _replace(self, keys: dict[str, RsaKey]) -> None:
        if keys:
            self.device.nvram[PRIVATE_CONFIG] = self._dump(keys.values())
        else:
            self.device.nvram.pop(PRIVATE_CONFIG, None)
        self.device.rsa_keys.clear()
        self.device.rsa_keys.update(keys)

    def _dump(self, keys: Iterable[RsaKey]) -> bytes:
        zero = self.device.origin.timestamp()
        return json.dumps([{
            "name": key.name, "modulus": f"{key.modulus:x}", "private": f"{key.private:x}",
            "made": zero + key.made, "general": key.general, "exportable": key.exportable,
        } for key in keys]).encode()  # fmt: skip

    def _load(self, stored: bytes) -> list[RsaKey]:
        zero = self.device.origin.timestamp()
        entries: list[dict[str, Any]] = json.loads(stored)
        return [
            RsaKey(
                str(each["name"]),
                int(each["modulus"], 16),
                int(each["private"], 16),
                float(each["made"]) - zero,
                bool(each["general"]),
                bool(each["exportable"]),
            )
            for each in entries
        ]
