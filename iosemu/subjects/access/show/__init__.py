"""Shows of access."""
