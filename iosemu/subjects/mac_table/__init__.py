"""Mac table."""
