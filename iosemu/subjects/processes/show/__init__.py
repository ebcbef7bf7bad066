"""Shows of processes."""
