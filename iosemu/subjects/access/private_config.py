"""The private configuration: what NVRAM keeps and no listing shows, the keys of the box."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from iosemu.box.ec_key import EcKey
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
    curves: dict[str, EcKey]
    """Keys of elliptic curves by name."""

    def start(self) -> None:
        """The keys are those of NVRAM; a file that is none of this box's is left alone and says so."""
        keys = self.device.rsa_keys
        keys.clear()
        self.curves = {}
        stored = self.device.nvram.get(PRIVATE_CONFIG)
        self._born = stored is None
        if stored is None:
            return
        try:
            entries: list[dict[str, Any]] = json.loads(stored)
            keys.update(
                (key.name, key) for key in self._load(each for each in entries if "curve" not in each)
            )
            self.curves.update(
                (key.name, key) for key in self._load_curves(each for each in entries if "curve" in each)
            )
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

    def put_curve(self, key: EcKey) -> None:
        """Have a key pair of an elliptic curve. Raises FileSystemError as `put` does."""
        self._replace(self.keys, {**self.curves, key.name: key})

    def remove_curves(self, names: Iterable[str]) -> None:
        """Have these key pairs of elliptic curves no more. Raises FileSystemError as `put` does."""
        gone = set(names)
        self._replace(self.keys, {name: key for name, key in self.curves.items() if name not in gone})

    def _replace(self, keys: dict[str, RsaKey], curves: dict[str, EcKey] | None = None) -> None:
        kept, keys = self.curves if curves is None else curves, dict(keys)
        self.device.nvram[PRIVATE_CONFIG] = self._dump(keys.values(), kept.values())
        self._born = False
        self.curves = kept
        self.device.rsa_keys.clear()
        self.device.rsa_keys.update(keys)

    def _dump(self, keys: Iterable[RsaKey], curves: Iterable[EcKey]) -> bytes:
        zero = self.device.origin.timestamp()
        numbers = [{
            "name": key.name, "curve": key.bits, "private": f"{key.number:x}", "made": zero + key.made,
            "exportable": key.exportable,
        } for key in curves]  # fmt: skip
        return json.dumps([*numbers, *({
            "name": key.name, "modulus": f"{key.modulus:x}", "private": f"{key.private:x}",
            "made": zero + key.made, "general": key.general, "exportable": key.exportable, "prime": f"{key.prime:x}",
        } for key in keys)]).encode()  # fmt: skip

    def _load_curves(self, entries: Iterable[dict[str, Any]]) -> list[EcKey]:
        zero = self.device.origin.timestamp()
        return [
            EcKey(
                int(each["curve"]),
                int(each["private"], 16),
                str(each["name"]),
                float(each["made"]) - zero,
                bool(each["exportable"]),
            )
            for each in entries
        ]

    def _load(self, entries: Iterable[dict[str, Any]]) -> list[RsaKey]:
        zero = self.device.origin.timestamp()
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
