"""Shows of switchport."""
