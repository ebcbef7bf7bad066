"""PPPoE, and dialer interfaces."""

from iosemu.box.subject import Section, Subject
from iosemu.subjects.pppoe.config import DialerSettings, PppoeConfig, PppoePort
from iosemu.subjects.pppoe.debug import FLAGS
from iosemu.subjects.pppoe.running import group_lines
from iosemu.subjects.pppoe.running_interface import SECTIONS
from iosemu.subjects.pppoe.service import PppoeSessions

SUBJECT = Subject(
    "pppoe",
    config=(PppoeConfig,),
    services=(PppoeSessions,),
    follows=("ip", "interface", "serial", "ppp"),
    running=(Section("bba-group", group_lines),),
    facets=(PppoePort, DialerSettings),
    interface=SECTIONS,
    debugging=FLAGS,
)
