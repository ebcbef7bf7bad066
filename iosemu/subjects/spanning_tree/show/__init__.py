"""Shows of spanning tree."""
