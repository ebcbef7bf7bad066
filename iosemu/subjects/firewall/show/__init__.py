"""Shows of the firewall."""
