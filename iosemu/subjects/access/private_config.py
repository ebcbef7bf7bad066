"""The private configuration: what NVRAM keeps and no listing shows, the RSA keys of the box."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from iosemu.box.rsa import Derived, RsaKey, generate
from iosemu.box.service import Service
from iosemu.box.system import SystemConfig

PRIVATE_CONFIG = "private-config"
"""Its name in NVRAM."""
BITS = 1024
"""Size of the key that a box comes with."""


class PrivateConfig(Service):
    """Reads the keys at power on, and writes them whenever there are others than before.

    A box that somebody reaches by SSH has a key, so one that has stored nothing came with one.
    """

    _born = True

    def start(self) -> None:
        """The keys are those of NVRAM; a file that is none of this box's is left alone and says so."""
        keys = self.device.rsa_keys
        keys.clear()
        stored = self.device.nvram.get(PRIVATE_CONFIG)
        self._born = stored is None
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

    @property
    def enabled(self) -> bool:
        """SSH has a key to answer with. A box that was never told otherwise came with one."""
        return self._born or bool(self.device.rsa_keys)

    @property
    def keys(self) -> dict[str, RsaKey]:
        """The key pairs by name; the one that the box came with is made when somebody asks."""
        if self._born:
            self._born = False
            domain = self.device.config.of(SystemConfig).domain_name
            name = f"{self.device.hostname}.{domain}" if domain else self.device.hostname
            # of its own numbers: to look at a key changes nothing else
            numbers = Derived(f"{self.device.name}/{self.device.base_mac}")
            self.device.rsa_keys[name] = generate(name, BITS, numbers, 0.0)
        return self.device.rsa_keys

    def put(self, key: RsaKey) -> None:
        """Have a key pair, in place of one of the same name.

        Raises FileSystemError when it cannot be kept; the keys are then as they were.
        """
        self._replace({**self.keys, key.name: key})

    def remove(self, names: Iterable[str]) -> None:
        """Have these key pairs no more. Raises FileSystemError as `put` does."""
        gone = set(names)
        self._replace({name: key for name, key in self.keys.items() if name not in gone})

    def _replace(self, keys: dict[str, RsaKey]) -> None:
        self.device.nvram[PRIVATE_CONFIG] = self._dump(keys.values())
        self._born = False
        self.device.rsa_keys.clear()
        self.device.rsa_keys.update(keys)

    def _dump(self, keys: Iterable[RsaKey]) -> bytes:
        zero = self.device.origin.timestamp()
        return json.dumps([{
            "name": key.name, "modulus": f"{key.modulus:x}", "private": f"{key.private:x}",
            "made": zero + key.made, "general": key.general, "exportable": key.exportable, "prime": f"{key.prime:x}",
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
                int(each.get("prime", "0"), 16),
            )
            for each in entries
        ]
