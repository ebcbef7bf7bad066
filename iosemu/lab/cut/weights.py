"""What passed over the cables of a lab in an earlier run: a better guide to a good cut than their number."""

from __future__ import annotations

from pathlib import Path

from iosemu.lab.errors import LabError
from iosemu.lab.labfile import Topology
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.pcapng import PcapngInterface, PcapngPacket, read_pcapng


def frames_of(topology: Topology, capture: Path) -> dict[int, float]:
    """The frames of each cable, by its number, in a capture of the lab (`capture cables`).

    Raises LabError for a file that cannot be read, that is no capture, or of which no interface is in the lab.
    """
    cables = {
        f"{name}:{port}": number
        for number, (*ends, _cable) in enumerate(topology.cables)
        for name, port in ends
    }
    found: dict[int, float] = {}
    interfaces: list[int | None] = []
    try:
        for record in read_pcapng(capture.read_bytes()):
            if isinstance(record, PcapngInterface):
                interfaces.append(cables.get(record.name))
            elif isinstance(record, PcapngPacket) and record.interface < len(interfaces):
                number = interfaces[record.interface]
                if number is not None:
                    found[number] = found.get(number, 0.0) + 1.0
    except OSError as error:
        raise LabError(f"cannot read {capture}: {error.strerror or error}") from error
    except MalformedPacket as error:
        raise LabError(f"{capture} is no capture of a lab: {error}") from error
    if not found:
        raise LabError(f"{capture} has no frames of cables of lab {topology.lab.name}")
    return found
