"""ESP and AH transforms, security associations and the replay window (RFC 4301, RFC 4303)."""
