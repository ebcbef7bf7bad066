"""Tunnel interfaces."""

from iosemu.box.subject import Subject
from iosemu.subjects.tunnel.config import Tunnel
from iosemu.subjects.tunnel.flexclients import FlexClients
from iosemu.subjects.tunnel.running_interface import SECTIONS
from iosemu.subjects.tunnel.service import Tunnels

SUBJECT = Subject(
    "tunnel",
    services=(Tunnels, FlexClients),
    follows=("crypto", "interface", "ip", "vrf"),
    facets=(Tunnel,),
    interface=SECTIONS,
)
