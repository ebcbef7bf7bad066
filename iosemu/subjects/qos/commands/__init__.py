"""Handlers of the QoS subject."""
