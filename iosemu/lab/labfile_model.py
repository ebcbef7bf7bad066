"""What may stand in a lab file: its keys, their types and what each is for; and the JSON Schema of it."""

from __future__ import annotations

import json
from typing import Annotated, Any, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from iosemu.lab.assessment import Check, Stage
from iosemu.lab.frame_relay_switch import FrameRelaySwitch
from iosemu.lab.services import Services
from iosemu.lab.units import Duration, Probability
from iosemu.net.impairment import DEFAULT_DELAY, Impairment


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Node(_Part):
    """One box."""

    model: str = Field(description="Hardware model: a file of devices/models, such as c2811.")
    image: str | None = Field(
        None, description="How its software prints: packet-tracer, 12.4 or 15.1 (default: the model's)."
    )
    config: str | None = Field(
        None, description="Startup configuration, relative to the file that names it (default: none)."
    )
    startup: str | None = Field(
        None, description="Startup configuration as text; takes the place of `config`."
    )
    modules: dict[str, str] = Field(
        default={},
        description="What is in its slots, such as {0/0: HWIC-2T, 0/1: WIC-2T}: files of devices/modules.",
    )
    ports: list[str] | None = Field(
        None,
        min_length=1,
        description="Ports in place of the model's fixed ones, such as [Ethernet0/0-3, Serial2/0-3]; "
        "those of modules come on top.",
    )
    variables: dict[str, Any] = Field(
        default={}, description="For its configuration, beside those of the lab."
    )
    count: int | str | None = Field(None, description="Make so many: NAME1, NAME2 …; {{ n }} is the number.")
    loop: dict[str, Any] | None = Field(
        None, alias="for", description="Make one for each value: {i: 1..5} or {site: [a, b]}; see {{ i }}."
    )
    services: Services | None = Field(
        None, description="What a node of the model `server` runs for the others."
    )
    frame_relay: FrameRelaySwitch | None = Field(
        None, description="Make a router a Frame Relay network that passes on these circuits."
    )
    on: str | None = Field(
        None,
        description="Which worker computes it, such as worker-2 (for iosemu up --workers; default: as it fits).",
    )
    port: int | None = Field(
        None, ge=1, le=65535, description="TCP port of its SSH server (default: the next free one)."
    )

    telnet: int | None = Field(
        None, ge=1, le=65535, description="TCP port of its Telnet server (default: as `management` says)."
    )
    console: int | None = Field(
        None, ge=1, le=65535, description="TCP port of its console (default: as `management` says)."
    )
    snmp: int | None = Field(
        None, ge=1, le=65535, description="UDP port of its SNMP agent (default: as `management` says)."
    )

    @field_validator("modules", mode="before")
    @classmethod
    def _slots(cls, value: Any) -> Any:
        # YAML reads the slot 1 as a number
        return {str(slot): name for slot, name in value.items()} if isinstance(value, dict) else value


class Management(_Part):
    """How the devices are reached by those who manage them."""

    delay: Duration = Field(
        0.0, description="Wall time that each byte of a management session needs, either way, such as 200ms."
    )
    telnet: int | None = Field(
        None, ge=1, le=65535, description="TCP port of the first device's Telnet; the others' follow."
    )
    console: int | None = Field(
        None, ge=1, le=65535, description="TCP port of the first device's console; the others' follow."
    )
    snmp: int | None = Field(
        None, ge=1, le=65535, description="UDP port of the first device's SNMP agent; the others' follow."
    )


class Cable(_Part):
    """One cable."""

    endpoints: Annotated[list[str], Field(min_length=2, max_length=2)] = Field(
        description='Its two ends, such as ["R-A:Fa0/0", "SW-1:Fa0/2"]. One may lead out of the lab: '
        '"udp:127.0.0.1:20000?listen=127.0.0.1:20001" (a raw Ethernet frame in each datagram, as QEMU and '
        'GNS3 do) or "tap:lab0" (a TAP device).'
    )
    delay: Duration = Field(DEFAULT_DELAY, description="Time a frame needs, such as 20ms (default: 5us).")
    jitter: Duration = Field(0.0, description="The delay varies by up to this much to both sides.")
    loss: Probability = Field(0.0, description="Share of frames lost, such as 1% or 0.01.")
    duplicate: Probability = Field(0.0, description="Share of frames that arrive twice.")
    reorder: Probability = Field(0.0, description="Share of frames that overtake those before them.")
    corrupt: Probability = Field(0.0, description="Share of frames that arrive damaged.")
    rate: float | None = Field(None, gt=0, description="Bits per second (default: no limit).")
    loop: dict[str, Any] | None = Field(
        None, alias="for", description="Make one for each value: {i: 1..5}; see {{ i }}."
    )
    count: int | str | None = Field(None, description="Make so many; {{ n }} is the number.")
    on: str | None = Field(
        None,
        description="Which worker computes both its ends, such as worker-2 (for iosemu up --workers; default: as it "
        "fits).",
    )
    mtu: int | None = Field(None, gt=0, description="Largest payload in octets (default: no limit).")
    dce: str | None = Field(
        None,
        description="Of a serial cable: the end that gives the clock, as `endpoints` names it (default: the first).",
    )

    @model_validator(mode="after")
    def _possible(self) -> Self:
        self.impairment()
        if self.dce is not None and self.dce not in self.endpoints:
            raise ValueError(f"dce: {self.dce!r} is none of its endpoints")
        return self

    @property
    def perfect(self) -> bool:
        """Whether it does nothing to frames but delay them."""
        return self.impairment() == Impairment(self.delay)

    def impairment(self) -> Impairment:
        """What the cable does to frames.

        Raises ValueError for values that contradict each other.
        """
        return Impairment(
            self.delay,
            self.jitter,
            self.loss,
            self.duplicate,
            self.reorder,
            self.corrupt,
            self.rate,
            self.mtu,
        )


class LabFile(_Part):
    """A lab: boxes and cables."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")] = Field(
        description="Name of the lab; its saved configurations are kept under this name."
    )
    title: str = Field("", description="One line about the lab.")
    extends: str | None = Field(
        None, description="Another lab file, relative to this one, whose nodes and links this one adds to."
    )
    nodes: dict[Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")], Node] = Field(
        min_length=1, description="The boxes by name."
    )
    links: list[Cable] = Field(default=[], description="The cables.")
    variables: dict[str, Any] = Field(
        default={}, description="For {{ name }} in nodes, links and configurations that end in .j2."
    )
    answers: str | None = Field(
        None,
        description="A folder, relative to the file that names it, with answers of the lab's own to commands that "
        "iosemu lacks.",
    )
    management: Management = Field(
        default_factory=lambda: Management.model_validate({}),
        description="How those who manage the devices reach them.",
    )
    checks: list[Check] = Field(
        default=[], description="What a learner is to reach: iosemu check LAB --live."
    )
    stages: list[Stage] = Field(default=[], description="How far a learner is; the first that holds is told.")


def schema() -> dict[str, Any]:
    """The JSON Schema of lab files, for editors."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "iosemu lab file",
        **{key: value for key, value in LabFile.model_json_schema().items() if key != "title"},
    }


if __name__ == "__main__":
    print(json.dumps(schema(), indent=2))  # noqa: T201 - this is how docs/lab.schema.json is made
