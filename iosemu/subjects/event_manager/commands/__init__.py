"""Handlers of the event manager."""
