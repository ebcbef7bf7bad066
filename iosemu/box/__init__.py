"""What every powered box has."""
