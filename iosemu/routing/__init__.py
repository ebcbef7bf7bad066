"""Routing protocols: sans-IO engines, one package each."""
