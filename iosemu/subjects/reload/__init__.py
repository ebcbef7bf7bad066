"""Reload."""
