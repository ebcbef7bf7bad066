"""`set …`: marking."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass

from iosemu.box.device import Device
from iosemu.subjects.mqc.config import Action
from iosemu.subjects.qos.values import dscp_word


@dataclass(frozen=True)
class Setting(Action):
    """One mark."""

    value: int

    @property
    @abstractmethod
    def shown(self) -> str:
        """As shows print it."""

    def lines(self, device: Device) -> Iterable[str]:
        """`set …`."""
        return [f"set {self.shown}"]


@dataclass(frozen=True)
class SetDscp(Setting):
    """`set [ip] dscp`; with `ip` IPv4 alone."""

    ip: bool = False

    @property
    def shown(self) -> str:
        """By the word."""
        return f"{'ip ' if self.ip else ''}dscp {dscp_word(self.value)}"


@dataclass(frozen=True)
class SetPrecedence(Setting):
    """`set [ip] precedence`."""

    ip: bool = False

    @property
    def shown(self) -> str:
        """By the number."""
        return f"{'ip ' if self.ip else ''}precedence {self.value}"


@dataclass(frozen=True)
class SetCos(Setting):
    """`set cos`: the priority in the 802.1Q tag."""

    @property
    def shown(self) -> str:
        """By the number."""
        return f"cos {self.value}"


@dataclass(frozen=True)
class SetQosGroup(Setting):
    """`set qos-group`: a number that the packet has inside this box."""

    @property
    def shown(self) -> str:
        """By the number."""
        return f"qos-group {self.value}"


SETTINGS: tuple[type[Setting], ...] = (SetDscp, SetPrecedence, SetCos, SetQosGroup)
"""All of them, in the order of shows."""
