"""First-hop redundancy as sans-IO engines: HSRP (RFC 2281), VRRP (RFC 3768), GLBP."""
