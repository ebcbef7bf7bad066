"""The configuration of a box: its interfaces, and one typed part for each of its subjects."""

from __future__ import annotations

from collections.abc import Iterable

from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.interfaces import ByName
from iosemu.box.parts import Parts


class Configuration(Parts):
    """`device.config`: `config.interfaces` by name, `config.of(NatConfig)` for a subject's part."""

    def __init__(self, offered: Iterable[type] | None = None) -> None:
        super().__init__(offered)
        self.interfaces: ByName[InterfaceConfig] = ByName()
        """By canonical name, in IOS's order."""

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Configuration):
            return NotImplemented
        return dict(self.interfaces) == dict(other.interfaces) and super().__eq__(other)

    __hash__ = None
