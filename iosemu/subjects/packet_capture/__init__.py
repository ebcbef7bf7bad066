"""Packet capture."""
