"""The sniffer's full-screen packet view.

model.py    what is shown: frames, filters, the chosen one; sans-IO
panes.py    the model as styled text for a place of some width and height
layout.py   panes and keys as a prompt_toolkit application
shell.py    the application as a shell that an SSH channel can show, and the plain session behind it
"""

from iosemu.server.packet_view.model import PacketView
from iosemu.server.packet_view.shell import SnifferShell

__all__ = ["PacketView", "SnifferShell"]
