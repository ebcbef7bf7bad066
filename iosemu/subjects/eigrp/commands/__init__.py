"""What is typed of EIGRP."""
