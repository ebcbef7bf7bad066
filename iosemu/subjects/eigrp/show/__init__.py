"""What is shown of EIGRP."""
