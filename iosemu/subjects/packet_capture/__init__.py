"""Embedded packet capture."""

from iosemu.box.subject import Subject
from iosemu.subjects.packet_capture.service import PacketCapture

SUBJECT = Subject("packet_capture", services=(PacketCapture,))
