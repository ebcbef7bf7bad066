"""OSPF version 2 (RFC 2328, RFC 3101, RFC 6987) as a sans-IO engine that behaves as IOS does."""

from iosemu.routing.ospf.authentication import Authentication, AuthenticationFault, Key
from iosemu.routing.ospf.config import (
    AreaConfig,
    AreaRange,
    DefaultInformation,
    ExternalRoute,
    InterfaceConfig,
    MaxMetric,
    NeighborConfig,
    NssaDefault,
    ProcessConfig,
    SummaryAddress,
    VirtualLinkConfig,
)
from iosemu.routing.ospf.constants import (
    AreaKind,
    AuthenticationType,
    InterfaceState,
    MetricType,
    NeighborState,
    NetworkType,
    PathType,
)
from iosemu.routing.ospf.core import Datagram
from iosemu.routing.ospf.events import Event, NextHop, Route, RouteChange
from iosemu.routing.ospf.process import Process

__all__ = [
    "AreaConfig", "AreaKind", "AreaRange", "Authentication", "AuthenticationFault", "AuthenticationType",
    "Datagram", "DefaultInformation", "Event", "ExternalRoute", "InterfaceConfig", "InterfaceState", "Key",
    "MaxMetric", "MetricType", "NeighborConfig", "NeighborState", "NetworkType", "NextHop", "NssaDefault",
    "PathType", "Process", "ProcessConfig", "Route", "RouteChange", "SummaryAddress", "VirtualLinkConfig",
]  # fmt: skip
