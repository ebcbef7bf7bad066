"""What of OSPF can be debugged."""

from __future__ import annotations

from iosemu.box.debugging import DebugFlag

GROUP = "OSPF"
EVENTS = DebugFlag("OSPF events", GROUP)
HELLO = DebugFlag("OSPF hello", GROUP)
ADJACENCY = DebugFlag("OSPF adjacency", GROUP)
PACKET = DebugFlag("OSPF packet", GROUP)
SPF = DebugFlag("OSPF SPF", GROUP)
LSA_GENERATION = DebugFlag("OSPF LSA generation", GROUP)
FLAGS = {
    "events": EVENTS,
    "hello": HELLO,
    "adj": ADJACENCY,
    "packet": PACKET,
    "spf": SPF,
    "lsa-generation": LSA_GENERATION,
}
"""By the word behind `debug ip ospf`."""
