"""Commands of the firewall."""
