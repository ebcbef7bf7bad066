"""PPP without sockets and clocks: each part readable beside its RFC."""
