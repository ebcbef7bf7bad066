"""Host names: the host table, the resolver, and the DNS server of the box."""

from iosemu.box.subject import Section, Subject
from iosemu.subjects.hosts.config import HostsConfig
from iosemu.subjects.hosts.running import dns_lines, host_lines
from iosemu.subjects.hosts.service import NameServer, NetworkResolver

SUBJECT = Subject(
    "hosts",
    config=(HostsConfig,),
    services=(NetworkResolver, NameServer),
    running=(Section("ip host", host_lines), Section("ip dns", dns_lines)),
)
