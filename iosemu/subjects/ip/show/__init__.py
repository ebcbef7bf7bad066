"""Shows of ip."""
