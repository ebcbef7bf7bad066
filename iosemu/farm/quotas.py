"""What one lab of a class may use, so that no student is in another's way."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from iosemu.lab.units import Duration, probability

_OCTETS = re.compile(r"(\d+(?:\.\d+)?)\s*(k|M|G)?i?B?")
_MULTIPLES = {None: 1, "k": 1 << 10, "M": 1 << 20, "G": 1 << 30}


def octets(value: object) -> int:
    """A number of octets from such a number or a text such as `64MB`; raises ValueError for anything else."""
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    match = _OCTETS.fullmatch(value.strip()) if isinstance(value, str) else None
    number = int(float(match[1]) * _MULTIPLES[match[2]]) if match is not None else 0
    if number <= 0:
        raise ValueError(f"{value!r} is not a size; write for example 64MB")
    return number


def _share(value: object) -> float:
    found = probability(value)
    if found < 0.01:
        raise ValueError(f"{value!r} is too little to work with; 1% at least")
    return found


_SIZE = {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "string"}]}
Octets = Annotated[int, BeforeValidator(octets), WithJsonSchema(_SIZE)]
Share = Annotated[
    float, BeforeValidator(_share), WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string"}]})
]


class Quotas(BaseModel):
    """For each lab."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    cpu: Share = Field(
        0.25, description="Share of a core, such as 25%; a burst of a quarter second comes on top."
    )
    memory: Octets = Field(
        64 << 20,
        description="Memory of the lab's objects, such as 64MB; a lab that has more is put aside, as it stands.",
    )
    flash: Octets = Field(32 << 20, description="What all its devices together may keep, such as 8MB.")
    sessions: int = Field(16, ge=1, le=512, description="Terminals that are open at once.")
    wall: Duration | None = Field(
        None,
        description="How long the lab may run in all, such as 3h; a restore begins anew (default: no end).",
    )
    idle: Duration | None = Field(
        1800.0,
        description="How long it runs with nobody there; the next connection has it go on as it was left. "
        "null: it is never put aside.",
    )
