"""Frame Relay without sockets and clocks."""
