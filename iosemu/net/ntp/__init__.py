"""NTP without sockets and clocks: associations, selection of the truth, and the answers of a server (RFC 5905)."""
