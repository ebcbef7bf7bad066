"""Static routes, and what routing protocols have in common."""

from iosemu.box.subject import Fields, Section, Subject
from iosemu.subjects.routing.config import RoutesConfig
from iosemu.subjects.routing.processes import process_rows
from iosemu.subjects.routing.protocols import RoutingProtocols
from iosemu.subjects.routing.redistribution import Redistribution
from iosemu.subjects.routing.running import route_lines, routing_lines
from iosemu.subjects.routing.service import StaticRoutes
from iosemu.subjects.routing.watching import ROUTING_DEBUG, RouteWatch

SUBJECT = Subject(
    "routing",
    config=(RoutesConfig,),
    services=(StaticRoutes, RoutingProtocols, Redistribution, RouteWatch),
    debugging=(ROUTING_DEBUG,),
    follows=("vrf",),
    running=(
        Section("ip routing", routing_lines),
        Section("ip default-gateway", Fields(RoutesConfig, ("default_gateway",))),
        Section("ip route", route_lines),
    ),
    processes=process_rows,
)
