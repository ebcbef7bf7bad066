"""Configuration of the firewall."""
