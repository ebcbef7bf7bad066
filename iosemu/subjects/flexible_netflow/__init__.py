"""Flexible NetFlow: flows as a user makes them, told by version 9 and IPFIX."""

from iosemu.box.subject import InterfaceSection, Section, Subject
from iosemu.subjects.flexible_netflow.config import FlexibleConfig, FlexiblePort
from iosemu.subjects.flexible_netflow.running import exporter_lines, monitor_lines, port_lines, record_lines
from iosemu.subjects.flexible_netflow.service import FlexibleNetflow

SUBJECT = Subject(
    "flexible_netflow",
    config=(FlexibleConfig,),
    services=(FlexibleNetflow,),
    follows=("interface",),
    running=(
        Section("flow record", record_lines),
        Section("flow exporter", exporter_lines),
        Section("flow monitor", monitor_lines),
    ),
    facets=(FlexiblePort,),
    interface=(InterfaceSection("flow monitor", port_lines),),
)
