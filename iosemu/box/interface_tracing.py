"""What interfaces tell a trace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.net.tracing import End, Line, Span

if TYPE_CHECKING:
    from iosemu.box.interface import Interface


def down(interface: Interface, span: Span) -> None:
    """An interface cannot carry it now."""
    if not interface.admin_up:
        span.drop(
            interface.device.name, "interface", f"{interface.name} is shut down",
            Line(f"interface {interface.name}", ("shutdown",)),
        )  # fmt: skip
        return
    what = "line protocol is down" if interface.line_up else "has no carrier"
    if interface.err_disabled:
        what = f"is err-disabled ({interface.err_disabled})"
    span.drop(interface.device.name, "interface", f"{interface.name}: {what}")


def not_taken(interface: Interface, span: Span, destination: bytes) -> None:
    """A frame came while the line protocol is down, or by the way: it is for another station address."""
    if not interface.protocol_up:
        down(interface, span)
        return
    address = destination.hex()
    text = f"{interface.name}: the frame is for {address[:4]}.{address[4:8]}.{address[8:]}, another station"
    span.note(interface.device.name, "in", text, end=End.IGNORED)


def no_subinterface(interface: Interface, span: Span, vlan: int | None) -> None:
    """A routed port has nothing for the VLAN of a frame."""
    what = f"no subinterface is in VLAN {vlan}" if vlan is not None else "frames without a tag are not taken"
    line = Line(f"interface {interface.name}.", ())
    span.drop(interface.device.name, "VLAN", f"{interface.name}: {what}", line)
