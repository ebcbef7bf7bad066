"""The servers that logins and commands are asked of: TACACS+ and RADIUS, alone and in groups."""

from iosemu.box.subject import Section, Subject
from iosemu.subjects.aaa_servers.config import RADIUS_DEBUG, TACACS_DEBUG, ServersConfig
from iosemu.subjects.aaa_servers.running import (
    group_lines,
    named_lines,
    radius_lines,
    source_lines,
    tacacs_lines,
)
from iosemu.subjects.aaa_servers.service import AaaServers

SUBJECT = Subject(
    "aaa_servers",
    config=(ServersConfig,),
    services=(AaaServers,),
    running=(
        Section("aaa group server", group_lines),
        Section("ip radius", source_lines),
        Section("tacacs-server", tacacs_lines),
        Section("radius-server", radius_lines),
        Section("tacacs server", named_lines),
    ),
    debugging=(TACACS_DEBUG, RADIUS_DEBUG),
)
