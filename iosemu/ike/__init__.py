"""Sans-IO IKEv1 (RFC 2408, RFC 2409)."""
