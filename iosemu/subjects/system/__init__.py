"""What a box knows about itself."""

from iosemu.box.subject import Section, Subject
from iosemu.box.system import SystemConfig
from iosemu.subjects.system.running import (
    alias_lines,
    banner_lines,
    domain_lines,
    enable_lines,
    encryption_lines,
    hostname_lines,
    name_server_lines,
    privilege_lines,
    prompt_lines,
    security_lines,
    timestamp_lines,
    user_lines,
)

SUBJECT = Subject(
    "system",
    config=(SystemConfig,),
    running=(
        Section("service timestamps", timestamp_lines),
        Section("service password-encryption", encryption_lines),
        Section("hostname", hostname_lines),
        Section("prompt", prompt_lines),
        Section("security passwords", security_lines),
        Section("enable", enable_lines),
        Section("ip domain", domain_lines),
        Section("ip name-server", name_server_lines),
        Section("username", user_lines),
        Section("banner", banner_lines),
        Section("privilege", privilege_lines),
        Section("alias", alias_lines),
    ),
)
