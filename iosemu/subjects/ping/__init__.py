"""Ping."""
