"""What is typed about BGP."""
