"""Handlers of IP SLAs."""
