"""Tracked objects: interfaces, routes, and lists of objects."""

from iosemu.box.subject import Section, Subject
from iosemu.subjects.track.config import DEBUG, TrackConfig
from iosemu.subjects.track.running import track_lines
from iosemu.subjects.track.service import Tracker

SUBJECT = Subject(
    "track",
    config=(TrackConfig,),
    services=(Tracker,),
    follows=("interface", "ip", "routing"),
    running=(Section("track", track_lines),),
    debugging=(DEBUG,),
)
