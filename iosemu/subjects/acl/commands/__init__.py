"""Commands of access lists."""
