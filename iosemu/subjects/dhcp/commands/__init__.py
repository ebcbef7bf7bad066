"""What is typed about DHCP."""
