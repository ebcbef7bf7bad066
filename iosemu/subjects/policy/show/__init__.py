"""Shows of the policy subject."""
