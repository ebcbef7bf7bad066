"""Shows of tcp."""
