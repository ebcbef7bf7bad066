"""Errdisable."""
