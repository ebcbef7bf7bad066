"""What runs of the firewall."""
