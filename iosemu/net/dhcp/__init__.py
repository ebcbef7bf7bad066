"""DHCP without sockets: a server, a client and a relay agent (RFC 2131, RFC 3046)."""
