"""What hostile or unlucky circumstances do to a lab, counted."""
