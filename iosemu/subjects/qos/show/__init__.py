"""Shows of the QoS subject."""
