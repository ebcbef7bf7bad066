"""What runs of crypto."""
