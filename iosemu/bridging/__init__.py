"""Layer 2 switching."""
