"""Shows of QoS on Catalysts."""
