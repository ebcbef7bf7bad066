"""Handlers of QoS on Catalysts."""
