"""Frame Relay at work."""

from iosemu.subjects.frame_relay.service.circuits import Circuit, DynamicMap
from iosemu.subjects.frame_relay.service.line import FrameRelayLine
from iosemu.subjects.frame_relay.service.lines import FrameRelayLines

__all__ = ["Circuit", "DynamicMap", "FrameRelayLine", "FrameRelayLines"]
