"""`set …`: marking."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from iosemu.box.device import Device
from iosemu.subjects.mqc.config import Action
from iosemu.subjects.qos.values import dscp_word


@dataclass(frozen=True)
class SetDscp(Action):
    """`set [ip] dscp`; with `ip` IPv4 alone."""

    value: int
    ip: bool = False

    def lines(self, device: Device) -> Iterable[str]:
        """`set [ip] dscp WORD`."""
        return [f"set {self.shown}"]

    @property
    def shown(self) -> str:
        """As shows print it."""
        return f"{'ip ' if self.ip else ''}dscp {dscp_word(self.value)}"


@dataclass(frozen=True)
class SetPrecedence(Action):
    """`set [ip] precedence`."""

    value: int
    ip: bool = False

    def lines(self, device: Device) -> Iterable[str]:
        """`set [ip] precedence N`."""
        return [f"set {self.shown}"]

    @property
    def shown(self) -> str:
        """As shows print it."""
        return f"{'ip ' if self.ip else ''}precedence {self.value}"


@dataclass(frozen=True)
class SetCos(Action):
    """`set cos`: the priority in the 802.1Q tag."""

    value: int

    def lines(self, device: Device) -> Iterable[str]:
        """`set cos N`."""
        return [f"set {self.shown}"]

    @property
    def shown(self) -> str:
        """As shows print it."""
        return f"cos {self.value}"


@dataclass(frozen=True)
class SetQosGroup(Action):
    """`set qos-group`: a number that the packet has inside this box."""

    value: int

    def lines(self, device: Device) -> Iterable[str]:
        """`set qos-group N`."""
        return [f"set {self.shown}"]

    @property
    def shown(self) -> str:
        """As shows print it."""
        return f"qos-group {self.value}"


SETTINGS: tuple[type[SetDscp] | type[SetPrecedence] | type[SetCos] | type[SetQosGroup], ...] = (
    SetDscp,
    SetPrecedence,
    SetCos,
    SetQosGroup,
)
"""All of them, in the order of shows."""
