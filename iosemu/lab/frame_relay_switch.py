"""A node that is a Frame Relay network: what the lab file says of its circuits, and the lines that make them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from iosemu.box.interface_types import Medium, type_of
from iosemu.packets.frame_relay import DLCIS

LOGIN = (
    "username admin privilege 15 password 0 admin",
    "line vty 0 4",
    " login local",
    " transport input ssh",
)
"""How a network is looked at that has no other configuration."""
End = tuple[str, int]
"""A port and the number of a circuit there."""
Dialect = Literal["cisco", "ansi", "q933a"]


class FrameRelaySwitch(BaseModel):
    """What a router passes on that is a provider's network here."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    circuits: list[Annotated[list[str], Field(min_length=2, max_length=2)]] = Field(
        min_length=1,
        description='Its PVCs, each from one port and DLCI to another: [["Se0/0/0:102", "Se0/0/1:201"]].',
    )
    lmi: Dialect | dict[str, Dialect] = Field(
        "cisco",
        description="The LMI that it speaks: cisco, ansi or q933a; or by port, such as {Se0/0/0: ansi}.",
    )
    clock: int = Field(2_000_000, ge=300, le=8_000_000, description="Bits per second of its lines.")


def configuration(
    name: str, switch: FrameRelaySwitch, find_port: Callable[[str], str | None]
) -> Iterator[str]:
    """The lines of configuration that make a router such a network.

    Raises ValueError for ports that it has not, numbers that no circuit has, and ends of two circuits.
    """
    routes: dict[str, list[tuple[int, End]]] = {}
    used: set[End] = set()
    for one, other in switch.circuits:
        a, b = (_end(text, find_port) for text in (one, other))
        for end, text in ((a, one), (b, other)):
            if end in used:
                raise ValueError(f"{text} is the end of two circuits")
            used.add(end)
        routes.setdefault(a[0], []).append((a[1], b))
        routes.setdefault(b[0], []).append((b[1], a))
    dialects = (
        dict.fromkeys(routes, switch.lmi) if isinstance(switch.lmi, str) else _dialects(switch.lmi, find_port)
    )
    yield f"hostname {name}"
    yield "frame-relay switching"
    for port in routes:
        yield f"interface {port}"
        yield " no ip address"
        yield " encapsulation frame-relay"
        yield f" clock rate {switch.clock}"
        yield f" frame-relay lmi-type {dialects.get(port, 'cisco')}"
        yield " frame-relay intf-type dce"
        yield " no shutdown"
    for port, leads in routes.items():
        yield f"interface {port}"
        for dlci, (out, other_dlci) in sorted(leads):
            yield f" frame-relay route {dlci} interface {out} {other_dlci}"


def _end(text: str, find_port: Callable[[str], str | None]) -> End:
    port, _, dlci = text.rpartition(":")
    if not dlci.isdecimal() or int(dlci) not in DLCIS:
        raise ValueError(
            f"{text!r} is not PORT:DLCI with a DLCI from {DLCIS[0]} to {DLCIS[-1]}, such as Se0/0/0:102"
        )
    return _serial(port, find_port), int(dlci)


def _serial(text: str, find_port: Callable[[str], str | None]) -> str:
    found = find_port(text)
    if found is None or type_of(found).medium is not Medium.SERIAL:
        raise ValueError(f"it has no serial port {text!r}")
    return found


def _dialects(typed: dict[str, Dialect], find_port: Callable[[str], str | None]) -> dict[str, str]:
    return {_serial(port, find_port): dialect for port, dialect in typed.items()}
