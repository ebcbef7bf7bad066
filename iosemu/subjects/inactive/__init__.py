"""Inactive."""
