"""What of the PKI runs while the box does."""
