"""Shows of version."""
