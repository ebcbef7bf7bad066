"""Next hop resolution (RFC 2332) as DMVPN uses it, without sockets and clocks: `engine.Engine` is one interface."""
