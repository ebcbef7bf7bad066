"""What cables tell a trace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.net.tracing import Span

if TYPE_CHECKING:
    from iosemu.net.impairment import Impairment
    from iosemu.net.link import Port


def leaves(sender: Port, far: Port, span: Span) -> None:
    """A frame is on its way to the other end."""
    device, _, port = sender.name.partition(":")
    there, _, far_port = far.name.partition(":")
    where = f" to {there} {far_port}" if far_port else f" to {there}"
    span.note(device, "cable", f"out of {port}{where}", port=sender.name)


def dropped(port: Port, span: Span, why: str) -> None:
    """A frame is lost at a port, or between two."""
    device, _, name = port.name.partition(":")
    span.drop(device, "cable", f"{name}: {why}")


def why_lost(frame: bytes, faults: Impairment) -> str:
    """What a cable with faults did to a frame that it does not deliver."""
    if faults.mtu is not None and len(frame) > faults.mtu:
        return f"the cable carries no more than {faults.mtu} octets"
    if faults.loss:
        return f"the cable lost it: it loses {faults.loss:.3g} of the frames"
    return "the cable is overloaded"
