"""Tunnel."""
