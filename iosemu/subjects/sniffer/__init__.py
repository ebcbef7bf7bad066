"""Sniffer."""
