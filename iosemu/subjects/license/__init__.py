"""License."""
