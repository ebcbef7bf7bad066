"""Span."""
