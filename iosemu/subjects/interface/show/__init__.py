"""Shows of interface."""
