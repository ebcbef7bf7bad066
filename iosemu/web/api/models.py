"""What goes in and out of the API, version 1. Fields are added, never renamed or taken away, while it is version 1."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

VERSION = 1
LONGEST = 86_400.0 * 7
"""Lab seconds of one step or wait, at most."""
LINE = 2048
"""Characters of one line, at most."""
LINES = 500
"""Lines of one request, at most."""

Line = Annotated[str, Field(max_length=LINE, pattern=r"^[^\r\n]*$")]


class Answer(BaseModel):
    """Something the lab tells."""

    model_config = ConfigDict(frozen=True)


class Wish(BaseModel):
    """Something a program asks for; a field that is not known is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Place(Answer):
    """What is wrong with a request, and where in it."""

    where: str = Field(description="Such as `body.lines.0`, or `body.17` for the 17th character of bad JSON.")
    message: str


class Problem(Answer):
    """Why a request was refused; it changed nothing."""

    error: str
    places: list[Place] = []


class LabFacts(Answer):
    """The lab."""

    name: str
    title: str
    nodes: int
    links: int
    checks: int = Field(description="How many checks its file has.")
    now: float = Field(description="Lab seconds since it began.")
    api: int = Field(VERSION, description="Version of this API.")
    iosemu: str = Field(description="Version of iosemu.")


class Port(Answer):
    """One interface of a node."""

    name: str
    address: str = Field(description="`10.0.0.1/24`; empty without one.")
    admin_up: bool
    line_up: bool
    protocol_up: bool


class Node(Answer):
    """One device."""

    name: str
    kind: str
    model: str
    image: str
    hostname: str
    powered: bool
    ssh: int = Field(description="TCP port of its SSH server; 0 without one.")
    faults: int = Field(description="Internal errors of iosemu that were caught in it.")
    ports: list[Port]


class Power(Wish):
    """What to do with a device's power."""

    state: Literal["on", "off", "cycle"]


class Configuration(Answer):
    """A device's configurations as text."""

    node: str
    running: str
    startup: str = Field(description="As it was when the lab was started.")


class Lines(Wish):
    """Lines to type one after the other in one session at privilege 15, each when the one before is done."""

    lines: Annotated[list[Line], Field(min_length=1, max_length=LINES)]
    timeout: float = Field(60.0, gt=0, le=LONGEST, description="Lab seconds for all of them.")


class Typed(Answer):
    """One line and what it printed."""

    line: str
    output: str
    prompt: str = Field(description="What the device shows then: its prompt, or a question.")
    finished: bool = Field(
        description="False when the time was over, or the session ended; it was broken off."
    )
    truncated: bool = Field(False, description="It printed more than is told.")


class ConsoleLine(Wish):
    """A line for the lab's console, such as `converge PC1 192.168.2.10 R1:Fa0/0`."""

    line: Annotated[Line, Field(min_length=1)]
    timeout: float = Field(60.0, gt=0, le=LONGEST, description="Lab seconds.")


class ConsoleAnswer(Answer):
    """What the lab's console said."""

    output: str
    refused: bool
    finished: bool
    truncated: bool = False


class TraceWish(Wish):
    """One packet that is to be sent and followed."""

    source: str = Field(max_length=200, description="Name of the device that sends it.")
    destination: str = Field(
        min_length=1, max_length=200, description="An IPv4 address, or a device: its first one."
    )
    protocol: Literal["icmp", "udp", "tcp"] = "icmp"
    port: int | None = Field(
        None, ge=1, le=65535, description="Of the destination; `udp` and `tcp` need one."
    )

    @model_validator(mode="after")
    def _has_its_port(self) -> Self:
        if (self.port is None) != (self.protocol == "icmp"):
            raise ValueError("udp and tcp need a port, icmp has none")
        return self


class TraceStep(Answer):
    """Something that a device decided about the packet."""

    after: float = Field(description="Lab seconds since the packet was sent.")
    device: str
    kind: Literal["packet", "answer", "error", "arp"] = Field(
        description="What was on its way: the packet, its answer, an ICMP error about it, ARP for a next hop."
    )
    stage: str = Field(description="What decided: `in`, `route`, `NAT`, `crypto`, an access list, …")
    text: str
    lines: list[str] = Field(description="The lines of the running configuration behind it.")
    port: str = Field(description="The interface; empty where none is concerned.")
    end: Literal["", "arrived", "dropped", "ignored"] = Field(
        description="How its way ended here; empty: it goes on."
    )


class Traced(Answer):
    """What became of a packet, and every decision on its way and its answer's."""

    title: str
    steps: list[TraceStep]
    answered: bool
    verdict: str


class End(Answer):
    """One end of a cable."""

    node: str
    port: str


class Impairments(Answer):
    """What a cable does to frames."""

    delay: float = Field(description="Seconds.")
    jitter: float = Field(description="Seconds to both sides.")
    loss: float = Field(description="Share from 0 to 1.")
    duplicate: float
    reorder: float
    corrupt: float
    rate: float | None = Field(description="Bits per second; null: no limit.")
    mtu: int | None = Field(description="Octets; null: no limit.")


class Link(Answer):
    """One cable."""

    number: int
    ends: list[End]
    plugged: bool
    carrier: bool = Field(description="It is plugged and both ends have power and are not shut.")
    faults: Impairments
    lost: int = Field(description="Frames that it lost so far.")


class Faults(Wish):
    """Faults to set; those that are not named stay as they are."""

    delay: float | None = Field(None, ge=0, le=60)
    jitter: float | None = Field(None, ge=0, le=60)
    loss: float | None = Field(None, ge=0, le=1)
    duplicate: float | None = Field(None, ge=0, le=1)
    reorder: float | None = Field(None, ge=0, le=1)
    corrupt: float | None = Field(None, ge=0, le=1)
    rate: float | None = Field(None, gt=0, description="Null takes the limit away.")
    mtu: int | None = Field(None, gt=0, description="Null takes the limit away.")


class LinkChange(Wish):
    """What to do to a cable: first `clear`, then the faults, then the plug."""

    clear: bool = Field(False, description="Make it perfect first.")
    faults: Faults | None = None
    plugged: bool | None = Field(None, description="False cuts it, true mends it.")


class Clock(Answer):
    """Lab time."""

    now: float = Field(description="Lab seconds.")
    pace: Literal["real", "fast", "manual"]
    bound: bool = Field(description="A cable leads out of the lab: time follows the wall clock.")
    overloads: int


class PaceChange(Wish):
    """How lab time is to pass."""

    pace: Literal["real", "fast", "manual"]


class Step(Wish):
    """A step of lab time."""

    seconds: float = Field(gt=0, le=LONGEST)


class Moment(Answer):
    """A snapshot that is kept; the oldest of many gives way."""

    branch: str = Field("main", description="The branch of the lab on which it was taken.")

    number: int
    label: str
    when: float = Field(description="Lab seconds.")


class Label(Wish):
    """What to call a snapshot."""

    label: str = Field("", max_length=80)


class Check(Answer):
    """A check of the lab's file."""

    number: int
    title: dict[str, str] = Field(description="By language.")
    hint: dict[str, str]
    points: int
    holds: bool | None = Field(description="Null: only `iosemu check --live` can tell.")


class Checks(Answer):
    """All checks."""

    checks: list[Check]
    reached: int = Field(description="Points.")
    total: int
    stage: dict[str, str] | None = Field(description="How far the learner is, by language.")


class Saved(Answer):
    """What was written to the devices' memories."""

    messages: list[str]


class Keys(Answer):
    """The IKE and ESP keys that were used so far."""

    ike: list[dict[str, Any]]
    ikev2: list[dict[str, Any]]
    esp: list[dict[str, Any]]
