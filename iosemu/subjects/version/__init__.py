"""Version."""
