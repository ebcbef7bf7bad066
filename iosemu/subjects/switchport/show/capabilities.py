"""`show interfaces [X] capabilities`: what the hardware of a port can do."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.handling.context import Context
from iosemu.handling.effects import InvalidArgument

_SPEEDS = {"FastEthernet": "10,100,auto", "GigabitEthernet": "10,100,1000,auto"}
_MEDIA = {"FastEthernet": "10/100BaseTX", "GigabitEthernet": "10/100/1000BaseTX"}


def show_capabilities(context: Context, port: str | None = None) -> Iterator[str]:
    """`show interfaces [X] capabilities`."""
    switch = context.device
    if port is not None and port not in switch.ports:
        raise InvalidArgument("port")
    for name in switch.ports:
        if port in (None, name):
            yield name
            for label, value in _rows(switch, name):
                yield f"  {label + ':' if label else '':<22} {value}"
            yield ""


def _rows(switch: Device, name: str) -> Iterator[tuple[str, str]]:
    facts = switch.model.facts
    kind = switch.interfaces[name].kind
    powered = "inline_power" in facts and kind == "FastEthernet"
    yield "Model", str(facts["platform"])
    yield "Type", _MEDIA[kind]
    yield "Speed", _SPEEDS[kind]
    yield "Duplex", "half,full,auto"
    yield "Trunk encap. type", "802.1Q,ISL" if facts.get("trunk_encapsulations") else "802.1Q"
    yield "Trunk mode", "on,off,desirable,nonegotiate"
    yield "Channel", "yes"
    yield "Broadcast suppression", "percentage(0-100)"
    yield "Flowcontrol", "rx-(off,on,desired),tx-(none)"
    yield "Fast Start", "yes"
    yield "QoS scheduling", "rx-(not configurable on per port basis),"
    yield "", "tx-(4q3t) (3t: Two configurable values and one fixed.)"
    yield "CoS rewrite", "yes"
    yield "ToS rewrite", "yes"
    yield "UDLD", "yes"
    yield "Inline power", "yes" if powered else "no"
    yield "SPAN", "source/destination"
    yield "PortSecure", "yes"
    yield "Dot1x", "yes"
