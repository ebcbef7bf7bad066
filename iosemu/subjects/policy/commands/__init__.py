"""Handlers of the policy subject."""
