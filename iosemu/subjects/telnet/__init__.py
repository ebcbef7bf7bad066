"""Telnet from box to box over the lab's own network, in both directions."""

from iosemu.box.subject import Section, Subject
from iosemu.subjects.telnet.config import DEBUG, TelnetConfig
from iosemu.subjects.telnet.running import telnet_lines
from iosemu.subjects.telnet.service import Telnet

SUBJECT = Subject(
    "telnet",
    config=(TelnetConfig,),
    services=(Telnet,),
    running=(Section("ip telnet", telnet_lines),),
    follows=("lines",),
    debugging=(DEBUG,),
)
