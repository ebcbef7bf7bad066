"""The order of the lines under `interface X` in the running configuration."""

INTERFACE_ORDER = (
    "description",
    "switchport",
    "port-security",
    "channel-group",
    "dot1q",
    "bandwidth",
    "ip",
    "access-group",
    "ip-switches",
    "nat",
    "adjust-mss",
    "state",
    "arp",
    "keepalive",
    "cdp",
    "lldp",
    "tunnel",
    "crypto-map",
    "spanning-tree",
)
