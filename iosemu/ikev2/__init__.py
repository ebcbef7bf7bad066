"""The IKEv2 engine (RFC 7296): sans-IO, one object for each router."""
