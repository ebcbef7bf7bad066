"""`police …`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from iosemu.box.device import Device
from iosemu.subjects.mqc.config import Action
from iosemu.subjects.qos.config.style import QosStyle
from iosemu.subjects.qos.values import dscp_word

SMALLEST_BURST = 1500
"""Octets."""


@dataclass(frozen=True)
class PoliceAction:
    """What is done with a packet of one color: `transmit`, `drop`, or sent with a value set."""

    kind: str
    value: int | None = None

    def words(self) -> str:
        """As it is typed and shown."""
        if self.value is None:
            return self.kind
        return f"{self.kind} {dscp_word(self.value) if self.kind == 'set-dscp-transmit' else self.value}"

    def parts(self) -> dict[str, object]:
        """As the grammar has it."""
        return {"kind": self.kind, "value": self.value}


TRANSMIT, DROP = PoliceAction("transmit"), PoliceAction("drop")


@dataclass(frozen=True)
class Police(Action):
    """A policer: rates in bits per second (or per cent of the interface's bandwidth), bursts in octets."""

    cir: int = 0
    bc: int | None = None
    be: int | None = None
    pir: int | None = None
    percent: int | None = None
    pir_percent: int | None = None
    bc_ms: int | None = None
    """With `percent` bursts are typed in milliseconds."""
    be_ms: int | None = None
    word: bool = True
    """`police cir N`, else the older `police N BURST EXCESS`."""
    conform: tuple[PoliceAction, ...] = (TRANSMIT,)
    exceed: tuple[PoliceAction, ...] = (DROP,)
    violate: tuple[PoliceAction, ...] = ()
    """Empty: as what exceeds, and there is no third color unless there is a second burst."""

    @property
    def three_colors(self) -> bool:
        """Whether it has a second bucket."""
        return bool(self.violate) or self.pir is not None or self.pir_percent is not None

    def rates(self, kbps: int) -> tuple[int, int | None]:
        """The committed and the peak rate on an interface of so many kbit/s."""
        if self.percent is None:
            return self.cir, self.pir
        peak = None if self.pir_percent is None else kbps * 10 * self.pir_percent
        return kbps * 10 * self.percent, peak

    def bursts(self, kbps: int) -> tuple[int, int]:
        """The committed and the excess burst there; where none is typed a quarter of a second, at least 1500."""
        cir, pir = self.rates(kbps)
        bc = self.bc if self.bc_ms is None else cir * self.bc_ms // 8000
        be = self.be if self.be_ms is None else (pir or cir) * self.be_ms // 8000
        return (
            max(cir // 32, SMALLEST_BURST) if bc is None else bc,
            max((pir or cir) // 32, SMALLEST_BURST) if be is None else be,
        )

    def head(self) -> str:
        """The line's rates and bursts, as configured."""
        if not self.word:
            return "police " + " ".join(
                str(each) for each in (self.cir, self.bc, self.be) if each is not None
            )
        unit = " ms" if self.percent is not None else ""
        words = ["police cir", f"percent {self.percent}" if self.percent is not None else str(self.cir)]
        bc, be = (self.bc_ms, self.be_ms) if unit else (self.bc, self.be)
        if bc is not None:
            words.append(f"bc {bc}{unit}")
        if self.pir is not None or self.pir_percent is not None:
            words.append(
                f"pir percent {self.pir_percent}" if self.pir_percent is not None else f"pir {self.pir}"
            )
        if be is not None:
            words.append(f"be {be}{unit}")
        return " ".join(words)

    def outcomes(self) -> Iterable[tuple[str, tuple[PoliceAction, ...]]]:
        """Each color that is configured, with what is done."""
        yield "conform", self.conform
        yield "exceed", self.exceed
        if self.violate:
            yield "violate", self.violate

    def lines(self, device: Device) -> Iterable[str]:
        """In one line the old form and, below each other, the new one."""
        # before the hierarchical framework a policer stood one column further right, its actions two
        first, more = ("", " ") if device.image.style(QosStyle).hierarchical else (" ", "   ")
        actions = [f"{color}-action {each.words()} " for color, row in self.outcomes() for each in row]
        if not self.word:
            yield f"{first}{self.head()} {' '.join(actions)}"
            return
        yield f"{first}{self.head()}"
        yield from (f"{more}{each}" for each in actions)
