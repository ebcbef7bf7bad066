"""Trunking."""
