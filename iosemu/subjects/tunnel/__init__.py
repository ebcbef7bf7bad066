"""Tunnel interfaces."""

from iosemu.box.subject import Subject
from iosemu.subjects.tunnel.service import Tunnels

SUBJECT = Subject("tunnel", services=(Tunnels,), follows=("crypto", "interface"))
