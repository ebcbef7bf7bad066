"""BGP-4 (RFC 4271) as a sans-IO engine.

A `Speaker` is the BGP of one router. What TCP does and lab time go in, and actions for TCP, events and routes come
out. What is where, with the sections of RFC 4271:

* `messages` the formats (4) and what may be wrong with them (6), `capabilities` RFC 5492, `attributes` (5)
* `session` the state machine of one connection (8), `peer` a neighbor: its connections, timers and tables
* `rib` the table and the decision process (9.1), `inbound` what of a neighbor's paths comes into it (9.1.1),
  `outbound` what a neighbor is told (9.2)
* `speaker` all of it together, `config` what can be set, `events` what happened
"""

from iosemu.routing.bgp.attributes import Attributes, Origin, SegmentKind
from iosemu.routing.bgp.config import PeerConfig, Relation, SpeakerConfig
from iosemu.routing.bgp.errors import BgpError, ErrorCode
from iosemu.routing.bgp.messages import Keepalive, Notification, Open, RouteRefresh, Update
from iosemu.routing.bgp.peer import Peer
from iosemu.routing.bgp.rib import Path
from iosemu.routing.bgp.session import SessionState
from iosemu.routing.bgp.speaker import Speaker

__all__ = [
    "Attributes", "BgpError", "ErrorCode", "Keepalive", "Notification", "Open", "Origin", "Path", "Peer",
    "PeerConfig", "Relation", "RouteRefresh", "SegmentKind", "SessionState", "Speaker", "SpeakerConfig", "Update",
]  # fmt: skip
