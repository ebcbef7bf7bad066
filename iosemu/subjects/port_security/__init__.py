"""Port security."""
