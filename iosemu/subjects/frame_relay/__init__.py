"""Frame Relay."""

from iosemu.box.subject import Section, Subject
from iosemu.subjects.frame_relay.config import FrameRelayConfig, FrameRelaySettings
from iosemu.subjects.frame_relay.debug import FLAGS
from iosemu.subjects.frame_relay.running import switching_lines
from iosemu.subjects.frame_relay.running_interface import SECTIONS
from iosemu.subjects.frame_relay.service import FrameRelayLines

SUBJECT = Subject(
    "frame_relay",
    config=(FrameRelayConfig,),
    services=(FrameRelayLines,),
    follows=("ip", "interface", "serial"),
    running=(Section("frame-relay switching", switching_lines),),
    facets=(FrameRelaySettings,),
    interface=SECTIONS,
    debugging=FLAGS,
)
