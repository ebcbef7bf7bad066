"""Shows of routing."""
