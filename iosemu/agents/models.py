"""What the tools tell, typed: the SDK makes the schemas of it."""

from __future__ import annotations

from pydantic import BaseModel

from iosemu.testing.views import (
    ArpView,
    Ikev2SaView,
    InterfaceView,
    IpsecSaView,
    IsakmpSaView,
    LogView,
    MacView,
    RouteView,
)
from iosemu.web.api.models import TraceStep


class LabName(BaseModel):
    """A lab that comes along."""

    name: str
    title: str


class Cable(BaseModel):
    """One cable."""

    ends: list[str]
    """Such as `R-A:FastEthernet0/0`."""
    plugged: bool
    carrier: bool
    faults: str
    """Such as `delay 20ms loss 1%`; empty for a perfect one."""


class Box(BaseModel):
    """One device."""

    name: str
    kind: str
    model: str
    powered: bool


class LabFacts(BaseModel):
    """A lab that runs in this server."""

    id: str
    """For the other tools."""
    name: str
    title: str
    now: float
    """Lab seconds."""
    devices: list[Box]
    cables: list[Cable]
    checks: int


class Typed(BaseModel):
    """One line and what it printed."""

    line: str
    output: str
    truncated: bool = False


class State(BaseModel):
    """What a device holds now. Of long tables the first rows are told, and `truncated` names them."""

    name: str
    hostname: str
    kind: str
    model: str
    powered: bool
    now: float
    uptime: float
    interfaces: list[InterfaceView]
    routes: list[RouteView]
    arp: list[ArpView]
    mac_table: list[MacView]
    isakmp_sas: list[IsakmpSaView]
    ikev2_sas: list[Ikev2SaView]
    ipsec_sas: list[IpsecSaView]
    log: list[LogView]
    truncated: list[str]


class Pinged(BaseModel):
    """What came of a ping."""

    destination: str
    sent: int
    received: int
    milliseconds: list[float]
    errors: list[str]


class Traced(BaseModel):
    """What became of one packet, and every decision on its way."""

    title: str
    answered: bool
    verdict: str
    steps: list[TraceStep]
    truncated: bool


class Seen(BaseModel):
    """Frames that passed."""

    frames: list[str]
    truncated: bool


class Now(BaseModel):
    """Lab time."""

    now: float
    complete: bool = True
    """False when computing took too long and the step ended early."""


class Moment(BaseModel):
    """A snapshot."""

    number: int
    label: str
    when: float


class CheckMark(BaseModel):
    """A check of the lab's file."""

    number: int
    title: str
    points: int
    holds: bool | None


class FaultName(BaseModel):
    """A fault of the catalogue."""

    name: str
    title: str


class ChallengeFacts(BaseModel):
    """A lab with faults to find."""

    lab: LabFacts
    seed: str
    faults: int
    symptoms: list[str]


class Answer(BaseModel):
    """What is wrong, as whoever looked for it says."""

    device: str = ""
    cause: str = ""
    """A fault of the catalogue."""


class Grade(BaseModel):
    """What a repair is worth."""

    passed: bool
    score: int
    lacking: list[str]
    broken: list[str]
    """What was well before the repair."""
    named: list[bool]
