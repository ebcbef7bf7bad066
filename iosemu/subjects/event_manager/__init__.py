"""The Embedded Event Manager: applets that act on what happens."""

from iosemu.box.subject import Section, Subject
from iosemu.subjects.event_manager.config import EventManagerConfig
from iosemu.subjects.event_manager.running import applet_lines
from iosemu.subjects.event_manager.service import EventManager

SUBJECT = Subject(
    "event_manager",
    config=(EventManagerConfig,),
    services=(EventManager,),
    follows=("clock",),
    running=(Section("event manager", applet_lines),),
)
