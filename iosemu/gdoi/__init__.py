"""The Group Domain of Interpretation (RFC 6407): keys for a group, pulled from a key server and pushed by it."""
