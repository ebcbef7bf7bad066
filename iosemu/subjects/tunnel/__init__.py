"""Tunnel interfaces."""

from iosemu.box.subject import InterfaceSection, Subject
from iosemu.subjects.tunnel.running import tunnel_lines
from iosemu.subjects.tunnel.service import Tunnels

SUBJECT = Subject(
    "tunnel",
    services=(Tunnels,),
    follows=("crypto", "interface"),
    interface=(InterfaceSection("tunnel", tunnel_lines),),
)
