"""Switchport."""
