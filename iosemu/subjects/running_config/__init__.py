"""Running config."""
