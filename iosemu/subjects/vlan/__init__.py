"""Vlan."""
